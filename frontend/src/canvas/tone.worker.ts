/** Works a picture's pixels off the main thread, so that a slider never stops the hand. */

import { applyTone, type Tone } from '../model/tone';

export interface ToneRequest {
  id: number;
  bitmap: ImageBitmap;
  tone: Tone;
}

export interface ToneAnswer {
  id: number;
  bitmap: ImageBitmap | null;
  failure: string | null;
}

function toned({ bitmap, tone }: ToneRequest): ImageBitmap {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D context in a worker');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  applyTone(pixels.data, canvas.width, canvas.height, tone);
  context.putImageData(pixels, 0, 0);
  return canvas.transferToImageBitmap();
}

addEventListener('message', (event: MessageEvent<ToneRequest>) => {
  const { id } = event.data;
  try {
    const bitmap = toned(event.data);
    const answer: ToneAnswer = { id, bitmap, failure: null };
    postMessage(answer, { transfer: [bitmap] });
  } catch (error) {
    const answer: ToneAnswer = {
      id,
      bitmap: null,
      failure: error instanceof Error ? error.message : String(error),
    };
    postMessage(answer);
  }
});
