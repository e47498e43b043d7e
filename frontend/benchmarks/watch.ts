import type { Browser, CDPSession, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

/** What the page measures about itself while it is worked with. */
interface Watch {
  pressed: number;
  /** Milliseconds from each press of Enter to the beginning of the frame after the next item was painted. */
  waits: number[];
  frames: number[];
  counting: boolean;
  /** Decoded pictures that were made and not closed. */
  pictures: number;
}

declare global {
  interface Window {
    watch: Watch;
  }
}

/** Runs in the page before its own scripts. The marks are set by src/canvas/drawn.ts. */
export function watchPage(): void {
  const watch: Watch = { pressed: 0, waits: [], frames: [], counting: false, pictures: 0 };
  window.watch = watch;
  const make = window.createImageBitmap.bind(window) as (...all: unknown[]) => Promise<ImageBitmap>;
  window.createImageBitmap = (async (...all: unknown[]) => {
    const made = await make(...all);
    watch.pictures += 1;
    const close = made.close.bind(made);
    made.close = () => {
      watch.pictures -= 1;
      close();
    };
    return made;
  }) as typeof window.createImageBitmap;
  addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Enter') watch.pressed = event.timeStamp;
    },
    true,
  );
  // The mark is set while the canvas draws; what it drew is painted by the time the next frame begins.
  new PerformanceObserver((list) => {
    if (list.getEntriesByName('jfa:drawn').length === 0 || watch.pressed === 0) return;
    const { pressed } = watch;
    watch.pressed = 0;
    requestAnimationFrame(() => {
      watch.waits.push(performance.now() - pressed);
    });
  }).observe({ type: 'mark' });
}

/** Milliseconds from frame to frame while `work` goes on. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  await page.evaluate(() => {
    const { watch } = window;
    watch.frames = [];
    watch.counting = true;
    let before: number | null = null;
    const count = (now: number): void => {
      if (before !== null) watch.frames.push(now - before);
      before = now;
      if (watch.counting) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
  });
  await work();
  return page.evaluate(() => {
    window.watch.counting = false;
    return window.watch.frames;
  });
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/**
 * Milliseconds of every task of the page's main thread while `work` goes on, from Chromium's own trace: by the clock,
 * and what it used of the processor, which other programs cannot lengthen.
 */
export async function tasksDuring(
  browser: Browser,
  page: Page,
  path: string,
  work: () => Promise<void>,
): Promise<{ wall: number[]; processor: number[] }> {
  await browser.startTracing(page, { path, categories: ['toplevel', 'devtools.timeline'] });
  await work();
  await browser.stopTracing();
  const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: TraceEvent[] };
  const key = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const mains = new Set(
    traceEvents.filter((one) => one.name === 'thread_name' && one.args?.name === 'CrRendererMain').map(key),
  );
  // The page that was worked with is the one that got the events of the pointer.
  const events = new Map<string, number>();
  for (const one of traceEvents) {
    if (one.name === 'EventDispatch' && mains.has(key(one)))
      events.set(key(one), (events.get(key(one)) ?? 0) + 1);
  }
  const [busiest] = [...events].sort((a, b) => b[1] - a[1]);
  const tasks = traceEvents.filter(
    (one) => one.ph === 'X' && one.name.endsWith('RunTask') && key(one) === busiest?.[0],
  );
  if (tasks.length === 0) throw new Error(`The trace has no tasks of the page: ${[...mains].join(', ')}`);
  return {
    wall: tasks.map((one) => (one.dur ?? 0) / 1000),
    processor: tasks.map((one) => (one.tdur ?? 0) / 1000),
  };
}

/** Bytes that the JavaScript heap holds after everything that nobody needs was collected. */
export async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/**
 * Resident memory of the largest page process, after it gave back its caches: pictures live outside the JavaScript heap.
 */
export async function rendererBytes(browser: Browser, page: CDPSession): Promise<number> {
  await page.send('Memory.simulatePressureNotification', { level: 'critical' });
  await new Promise((done) => setTimeout(done, 2000)); // the caches say nothing when they are done
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = processInfo
    .filter((one) => one.type === 'renderer')
    .map((one) => Number(readFileSync(`/proc/${one.id}/statm`, 'utf8').split(' ')[1]) * 4096);
  return Math.max(0, ...sizes);
}
