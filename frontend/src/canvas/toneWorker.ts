import type { ToneMaker } from '../store/tonedPictures';
import type { ToneAnswer, ToneRequest } from './tone.worker';

/** Makes pictures of another tone in a worker of its own, which starts with the first of them. */
export function toneWorker(): ToneMaker {
  let worker: Worker | null = null;
  let last = 0;
  const waiting = new Map<
    number,
    { resolve: (bitmap: ImageBitmap) => void; reject: (error: Error) => void }
  >();

  function start(): Worker {
    const made = new Worker(new URL('./tone.worker.ts', import.meta.url), { type: 'module' });
    made.addEventListener('message', ({ data }: MessageEvent<ToneAnswer>) => {
      const asked = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.bitmap) asked?.resolve(data.bitmap);
      else asked?.reject(new Error(data.failure ?? 'the worker gave no reason'));
    });
    made.addEventListener('error', (event) => {
      for (const { reject } of waiting.values())
        reject(new Error(event.message || 'the worker did not start'));
      waiting.clear();
    });
    return made;
  }

  return async (picture, tone) => {
    const bitmap = await createImageBitmap(picture.source as ImageBitmap);
    worker ??= start();
    const made = await new Promise<ImageBitmap>((resolve, reject) => {
      last += 1;
      const request: ToneRequest = { id: last, bitmap, tone };
      waiting.set(last, { resolve, reject });
      worker?.postMessage(request, [bitmap]);
    });
    return {
      source: made,
      width: made.width,
      height: made.height,
      address: picture.address,
      release() {
        made.close();
      },
    };
  };
}
