import { describe, expect, it } from 'vitest';

import { PLAIN, type Tone } from '../model/tone';
import type { Picture } from './pictures';
import { TonedPictures } from './tonedPictures';

const BRIGHT: Tone = { ...PLAIN, brightness: 10 };
const BRIGHTER: Tone = { ...PLAIN, brightness: 20 };
const BRIGHTEST: Tone = { ...PLAIN, brightness: 30 };

interface Stub extends Picture {
  name: string;
  released: boolean;
}

function stub(name: string): Stub {
  return {
    name,
    released: false,
    source: {} as ImageBitmap,
    width: 1,
    height: 1,
    address: name,
    release() {
      this.released = true;
    },
  };
}

/** Answers each request when the test says so. */
function maker(): {
  asked: { tone: Tone; made: Stub; finish: () => Promise<void>; fail: () => Promise<void> }[];
  pictures: TonedPictures;
} {
  const asked: ReturnType<typeof maker>['asked'] = [];
  const pictures = new TonedPictures(
    (picture, tone) =>
      new Promise((resolve, reject) => {
        const made = stub(`${(picture as Stub).name} +${tone.brightness}`);
        asked.push({
          tone,
          made,
          finish: async () => {
            resolve(made);
            await Promise.resolve();
          },
          fail: async () => {
            reject(new Error('out of memory'));
            await new Promise((done) => setTimeout(done));
          },
        });
      }),
  );
  return { asked, pictures };
}

describe('pictures in a chosen tone', () => {
  it('makes none while the photograph is shown as it is', () => {
    const { asked, pictures } = maker();
    const face = stub('face');
    expect(pictures.shown(face, PLAIN)).toBe(face);
    expect(asked).toHaveLength(0);
  });

  it('shows the plain one until the other is ready, makes it once and says so', async () => {
    const { asked, pictures } = maker();
    const face = stub('face');
    let told = 0;
    pictures.subscribe(() => {
      told += 1;
    });
    expect(pictures.shown(face, BRIGHT)).toBe(face);
    await asked[0]?.finish();
    expect(told).toBe(1);
    expect(pictures.shown(face, BRIGHT)).toBe(asked[0]?.made);
    expect(asked).toHaveLength(1);
  });

  it('keeps the last tone on the screen while the next is made, and skips those a slider passed over', async () => {
    const { asked, pictures } = maker();
    const face = stub('face');
    pictures.shown(face, BRIGHT);
    pictures.shown(face, BRIGHTER);
    await asked[0]?.finish();
    expect(pictures.shown(face, BRIGHTEST)).toBe(asked[0]?.made);
    await asked[1]?.finish();
    expect(asked.map((one) => one.tone)).toEqual([BRIGHT, BRIGHTEST]);
    expect(asked[0]?.made.released).toBe(true);
    expect(pictures.shown(face, BRIGHTEST)).toBe(asked[1]?.made);
  });

  it('frees the pictures that were asked for longest ago', async () => {
    const { asked, pictures } = maker();
    for (let i = 0; i < 6; i += 1) {
      pictures.prepare(stub(`face ${i}`), BRIGHT);
      await asked[i]?.finish();
    }
    expect(asked.map((one) => one.made.released)).toEqual([true, true, false, false, false, false]);
  });

  it('says why it could not, shows the photograph as it is and does not try for ever', async () => {
    const { asked, pictures } = maker();
    const face = stub('face');
    pictures.shown(face, BRIGHT);
    await asked[0]?.fail();
    expect(pictures.failure).toContain('out of memory');
    expect(pictures.shown(face, BRIGHT)).toBe(face);
    expect(asked).toHaveLength(1);
  });
});
