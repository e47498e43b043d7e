import { describe, expect, it } from 'vitest';

import type { Picture } from './pictures';
import { SharperPicture, type CropSource } from './sharperPicture';

const LARGE: CropSource = { url: '/crop?x=1&w=3000&h=3000&pixels=1024', width: 3000, pixels: 1024 };
const SMALL: CropSource = { url: '/crop?x=1&w=200&h=200&pixels=200', width: 200, pixels: 200 };

function loader(): { asked: string[]; released: number; sharper: SharperPicture; fails: boolean } {
  const state = { asked: [] as string[], released: 0, fails: false };
  const sharper = new SharperPicture(async (url): Promise<Picture> => {
    state.asked.push(url);
    await Promise.resolve();
    if (state.fails) throw new Error('offline');
    return {
      source: {} as ImageBitmap,
      width: 2048,
      height: 2048,
      address: url,
      release: () => {
        state.released += 1;
      },
    };
  });
  return Object.assign(state, { sharper });
}

const settle = (): Promise<void> => new Promise((done) => setTimeout(done));

describe('more pixels of a face', () => {
  it('are fetched once, when the screen would show them', async () => {
    const { asked, sharper } = loader();
    sharper.look(LARGE, 0.2); // 600 px on the screen: the crop has enough
    expect(asked).toEqual([]);
    sharper.look(LARGE, 0.6);
    sharper.look(LARGE, 0.7);
    await settle();
    expect(asked).toEqual(['/crop?x=1&w=3000&h=3000&pixels=2048']);
    expect(sharper.of(LARGE)?.width).toBe(2048);
    expect(sharper.of(SMALL)).toBeNull();
  });

  it('are not asked for where the photograph has no more', () => {
    const { asked, sharper } = loader();
    sharper.look(SMALL, 8);
    expect(asked).toEqual([]);
  });

  it('are freed with the next face, also those that come too late', async () => {
    const one = loader();
    one.sharper.look(LARGE, 1);
    one.sharper.look(SMALL, 1);
    await settle();
    expect(one.released).toBe(1);
    expect(one.sharper.of(LARGE)).toBeNull();
  });

  it('are asked for again after a failure', async () => {
    const one = loader();
    one.fails = true;
    one.sharper.look(LARGE, 1);
    await settle();
    one.fails = false;
    one.sharper.look(LARGE, 1);
    await settle();
    expect(one.asked).toHaveLength(2);
    expect(one.sharper.of(LARGE)).not.toBeNull();
  });
});
