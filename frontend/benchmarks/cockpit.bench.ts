import { expect, test, type Page, type Request } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { signIn } from '../e2e/adminSupport';
import { onScreen, ready, selectedPoint } from '../e2e/cockpitSupport';
import { framesDuring, heapBytes, rendererBytes, tasksDuring, watchPage } from './watch';

// The browser's part of `python -m benchmarks.cockpit`, which makes the plan and computes the figures.

interface Plan {
  faces: number;
  boxes: number;
  labelling: string;
  sweeping: string;
  username: string;
  password: string;
}

type Points = readonly (readonly [number, number] | null)[];

const WARM = 20;
const DRAGS = 6;
const planFile = process.env.COCKPIT_PLAN ?? '';
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as Plan;
const measured: Record<string, unknown> = {};

test.describe.configure({ mode: 'serial' });

test.afterAll(() => {
  writeFileSync(process.env.COCKPIT_RESULT ?? '', JSON.stringify(measured));
});

async function open(page: Page, slug: string, kind: string): Promise<void> {
  await page.addInitScript(watchPage);
  await signIn(page, plan);
  await page.goto(`/d/${slug}/work?kind=${kind}`);
  await ready(page);
}

/** Take hold of a point and pull it over this way on the screen. */
async function drag(page: Page, way: readonly (readonly [number, number])[], steps: number): Promise<void> {
  await page.keyboard.press('Tab');
  const point = await selectedPoint(page);
  const from = await onScreen(page, point.x, point.y);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const [dx, dy] of way) await page.mouse.move(from.x + dx, from.y + dy, { steps });
  await page.mouse.up();
}

/** How many points of each saved face differ from those that it was handed out with. */
function followPoints(page: Page): number[] {
  const given = new Map<number, Points>();
  const moved: number[] = [];
  page.on('response', (answer) => {
    if (!answer.url().endsWith('/work/claim')) return;
    void answer
      .json()
      .then(({ items }: { items: { id: number; face: { labels: { landmarks: Points } } }[] }) => {
        for (const item of items) given.set(item.id, item.face.labels.landmarks);
      });
  });
  page.on('request', (request: Request) => {
    const item = /\/work\/(\d+)\/submit$/.exec(request.url())?.[1];
    if (item === undefined) return;
    const { labels } = request.postDataJSON() as { labels: { landmarks: Points } };
    const before = given.get(Number(item));
    moved.push(
      labels.landmarks.filter((point, i) => {
        const was = before?.[i];
        return point && was && Math.hypot(point[0] - was[0], point[1] - was[1]) > 0.02;
      }).length,
    );
  });
  return moved;
}

test('it labels one face after the other', async ({ page, browser }) => {
  const session = await page.context().newCDPSession(page);
  const moved = followPoints(page);
  await open(page, plan.labelling, 'annotate');
  const heap: number[] = [];
  const renderer: number[] = [];
  const pictures: number[] = [];
  const weigh = async (): Promise<void> => {
    await expect(page.locator('[data-save=Saved]')).toBeVisible();
    heap.push(await heapBytes(session));
    renderer.push(await rendererBytes(browser, session));
    pictures.push(await page.evaluate(() => window.watch.pictures));
  };
  for (let face = 1; face <= plan.faces; face += 1) {
    await drag(page, [[6, 4]], 5);
    await page.keyboard.type(String(20 + (face % 60)));
    await page.keyboard.press(face % 2 === 0 ? 'w' : 'e');
    await page.keyboard.press(String(1 + (face % 3)));
    await page.keyboard.press('Enter');
    await page.waitForFunction((count) => window.watch.waits.length >= count, face);
    if (face === WARM || face === plan.faces) await weigh();
  }
  Object.assign(measured, {
    next_face_ms: await page.evaluate(() => window.watch.waits),
    points_moved: moved,
    heap_bytes: heap,
    renderer_bytes: renderer,
    pictures_open: pictures,
  });
});

test('it drags the points of one face', async ({ page, browser }) => {
  await open(page, plan.labelling, 'annotate');
  const trace = join(dirname(planFile), 'drag.json');
  let frames: number[] = [];
  const tasks = await tasksDuring(browser, page, trace, async () => {
    frames = await framesDuring(page, async () => {
      for (let i = 0; i < DRAGS; i += 1) {
        const way = [
          [40, 10],
          [-30, 30],
          [12, -20],
        ] as const;
        await drag(page, way, 25);
      }
    });
  });
  Object.assign(measured, {
    drag_task_ms: tasks.wall,
    drag_processor_ms: tasks.processor,
    drag_frame_ms: frames,
  });
});

test('it works on a crowd', async ({ page, browser }) => {
  await open(page, plan.sweeping, 'sweep');
  const canvas = await page.locator('canvas').boundingBox();
  if (!canvas) throw new Error('The stage is not there.');
  const at = (x: number, y: number): [number, number] => [
    canvas.x + x * canvas.width,
    canvas.y + y * canvas.height,
  ];
  let frames: number[] = [];
  const trace = join(dirname(planFile), 'sweep.json');
  const tasks = await tasksDuring(browser, page, trace, async () => {
    frames = await framesDuring(page, async () => {
      await page.mouse.move(...at(0.2, 0.2)); // across the boxes
      await page.mouse.move(...at(0.8, 0.7), { steps: 60 });
      await page.mouse.move(...at(0.4, 0.4), { steps: 30 });
      for (let i = 0; i < 12; i += 1) await page.mouse.wheel(0, -80); // closer
      await page.mouse.down({ button: 'middle' }); // along
      await page.mouse.move(...at(0.6, 0.6), { steps: 40 });
      await page.mouse.up({ button: 'middle' });
      for (let i = 0; i < 12; i += 1) await page.mouse.wheel(0, 80); // back
      await page.mouse.move(...at(0.3, 0.3));
      await page.mouse.down(); // a missed face
      await page.mouse.move(...at(0.36, 0.4), { steps: 40 });
      await page.mouse.up();
      await page.mouse.down(); // its corner
      await page.mouse.move(...at(0.4, 0.46), { steps: 40 });
      await page.mouse.up();
    });
  });
  const boxes = Number(await page.locator('[data-count]').getAttribute('data-count'));
  expect(boxes).toBeGreaterThanOrEqual(plan.boxes);
  Object.assign(measured, {
    sweep_task_ms: tasks.wall,
    sweep_processor_ms: tasks.processor,
    sweep_frame_ms: frames,
    sweep_boxes: boxes,
  });
});
