import { api } from '../../../api/client';
import { Problem } from '../../../api/problem';
import type { Import } from '../../../api/types';
import {
  portionsOf,
  uploadFor,
  waitAfter,
  type BegunUpload,
  type PlannedFile,
  type Portion,
} from '../../../model/uploadPlan';
import { newUuid } from '../../../store/ids';
import type { PickedFile } from './pickedFiles';

export interface Provenance {
  source: string;
  licence: string;
  subject_key: string;
  consent: string;
}

const planned = ({ file, path }: PickedFile): PlannedFile => ({
  path,
  size: file.size,
  changed: file.lastModified,
});

/**
 * Sends files in portions that are safe once answered. A cut connection is waited out; an upload that was stopped, or
 * whose page was closed, goes on where it was when the same files are chosen again.
 */
export class ResumableUpload {
  /** Bytes that the server has, those of the portion on its way, and all of them. */
  arrived = $state(0);
  moving = $state(0);
  size = $state(0);
  /** Bytes a second over this page's sending; null before the first second. */
  rate = $state<number | null>(null);
  /** The server cannot be reached: it waits before it tries again. */
  waiting = $state(false);
  #abort: AbortController | null = null;

  /** Bytes of these files that an earlier upload has brought already. */
  known(dataset: number, files: readonly PickedFile[]): number {
    const plan = files.map(planned);
    const begun = begunUpload(dataset, plan);
    return begun.arrived.length === 0 ? 0 : bytesOf(portionsOf(plan), begun);
  }

  /** Stops after what has arrived; the same files chosen again go on from there. */
  stop(): void {
    this.#abort?.abort();
  }

  async send(dataset: number, files: readonly PickedFile[], provenance: Provenance): Promise<Import> {
    const abort = new AbortController();
    this.#abort = abort;
    const plan = files.map(planned);
    const portions = portionsOf(plan);
    const begun = begunUpload(dataset, plan);
    this.size = portions.reduce((sum, portion) => sum + portion.bytes, 0);
    this.arrived = bytesOf(portions, begun);
    const [start, before] = [performance.now(), this.arrived];
    const tell = (moving: number): void => {
      this.moving = moving;
      const seconds = (performance.now() - start) / 1000;
      if (seconds > 1) this.rate = (this.arrived + moving - before) / seconds;
    };
    const address = `/datasets/${dataset}/uploads/${begun.id}`;
    for (const [number, portion] of portions.entries()) {
      if (begun.arrived.includes(number)) continue;
      await this.#patiently(abort.signal, async () => {
        await api.upload(`${address}/portions/${number}`, formOf(portion, files), {
          signal: abort.signal,
          // The form around the files counts as well; never more than the portion holds.
          onProgress: (sent) => tell(Math.min(sent, portion.bytes)),
        });
      });
      begun.arrived.push(number);
      localStorage.setItem(keyOf(dataset), JSON.stringify(begun));
      this.arrived += portion.bytes;
      tell(0);
    }
    return await this.#patiently(abort.signal, async () => {
      try {
        const made = await api.post<Import>(`${address}/finish`, {
          portions: portions.length,
          ...provenance,
        });
        localStorage.removeItem(keyOf(dataset));
        return made;
      } catch (error) {
        // The server threw away what waited too long: those portions go again with the next try.
        if (error instanceof Problem && ['portions_missing', 'pieces'].includes(error.code)) {
          localStorage.removeItem(keyOf(dataset));
        }
        throw error;
      }
    });
  }

  /** Does it until it goes through or is refused; while the server cannot be reached it waits and tries again. */
  async #patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        const done = await work();
        this.waiting = false;
        return done;
      } catch (error) {
        const full = error instanceof Problem && error.code === 'disk_full';
        if (!(error instanceof Problem) || !error.isTemporary || full) {
          this.waiting = false;
          throw error;
        }
        this.moving = 0;
        this.waiting = true;
        await pause(waitAfter(failures) * 1000, signal);
      }
    }
  }
}

const keyOf = (dataset: number): string => `jfa-upload-${dataset}`;
const begunUpload = (dataset: number, plan: readonly PlannedFile[]): BegunUpload =>
  uploadFor(localStorage.getItem(keyOf(dataset)), plan, newUuid);

const bytesOf = (portions: readonly Portion[], begun: BegunUpload): number =>
  begun.arrived.reduce((sum, number) => sum + (portions[number]?.bytes ?? 0), 0);

function formOf(portion: Portion, files: readonly PickedFile[]): FormData {
  const form = new FormData();
  const picked = portion.slices.flatMap((slice) => {
    const one = files[slice.file];
    return one ? [{ ...slice, one }] : [];
  });
  form.append('paths', JSON.stringify(picked.map(({ one }) => one.path)));
  form.append('pieces', JSON.stringify(picked.map(({ number, count }) => [number, count])));
  for (const { one, from, to } of picked) form.append('files', one.file.slice(from, to), one.file.name);
  return form;
}

/** Until the time is over, or at once when the browser is back on line. Rejects when it is stopped. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      removeEventListener('online', go);
      signal.removeEventListener('abort', stop);
    };
    const go = (): void => {
      end();
      resolve();
    };
    const stop = (): void => {
      end();
      reject(new DOMException('The upload was stopped.', 'AbortError'));
    };
    const timer = setTimeout(go, ms);
    addEventListener('online', go);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
}
