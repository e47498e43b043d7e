import { describe, expect, it } from 'vitest';

import { applyTone, equalise, isPlain, PLAIN, toneCurve, withTone } from './tone';

/** RGBA pixels of these grey levels. */
function greys(levels: readonly number[]): Uint8ClampedArray {
  return Uint8ClampedArray.from(levels.flatMap((level) => [level, level, level, 255]));
}

function levelsOf(pixels: Uint8ClampedArray): number[] {
  return Array.from({ length: pixels.length / 4 }, (_, i) => pixels[4 * i] ?? 0);
}

describe('the tone of a photograph', () => {
  it('leaves every level as it is without any change', () => {
    expect([...toneCurve(PLAIN)]).toEqual(Array.from({ length: 256 }, (_, level) => level));
    expect(isPlain(PLAIN)).toBe(true);
  });

  it('brightens by a gamma: black stays black, white stays white', () => {
    const curve = toneCurve({ ...PLAIN, brightness: 50 });
    expect([curve[0], curve[64], curve[255]]).toEqual([0, 128, 255]); // 255 · sqrt(64 / 255) = 127.7
  });

  it('raises contrast around middle grey', () => {
    const curve = toneCurve({ ...PLAIN, contrast: 50 });
    expect([curve[64], curve[127], curve[191]]).toEqual([0, 126, 254]); // 127.5 + 2 · (level − 127.5)
  });

  it('keeps brightness and contrast within their bounds, in whole steps', () => {
    expect(withTone({ ...PLAIN, brightness: 95 }, { brightness: 105 })).toEqual({
      ...PLAIN,
      brightness: 100,
    });
    expect(withTone(PLAIN, { contrast: -10.4 }).contrast).toBe(-10);
  });

  it('spreads a dull picture over the levels, darker staying darker', () => {
    const width = 64;
    const levels = Array.from({ length: width * width }, (_, i) => 100 + (i % 21));
    const pixels = greys(levels);
    equalise(pixels, width, width);
    const shown = levelsOf(pixels);
    const spread = (of: readonly number[]): number => Math.max(...of) - Math.min(...of);
    expect(spread(levels)).toBe(20);
    expect(spread(shown)).toBeGreaterThan(40);
    const middle = width * (width / 2) + width / 2;
    const order = [...shown.slice(middle, middle + 5).keys()].filter(
      (i) => (levels[middle + i + 1] ?? 0) > (levels[middle + i] ?? 0),
    );
    for (const i of order) expect(shown[middle + i + 1]).toBeGreaterThanOrEqual(shown[middle + i] ?? 0);
  });

  it('brings out a dark corner beside a bright one', () => {
    const width = 128;
    const levels = Array.from({ length: width * width }, (_, i) => {
      const inDark = i % width < width / 2;
      return (inDark ? 10 : 200) + (i % 7);
    });
    const pixels = greys(levels);
    equalise(pixels, width, width);
    const dark = levelsOf(pixels).filter((_, i) => i % width < width / 4);
    expect(Math.max(...dark) - Math.min(...dark)).toBeGreaterThan(12);
  });

  it('changes lightness only: a colour keeps the differences between its channels', () => {
    const pixels = Uint8ClampedArray.from(Array.from({ length: 16 * 16 }, () => [100, 90, 70, 255]).flat());
    equalise(pixels, 16, 16);
    expect([(pixels[0] ?? 0) - (pixels[1] ?? 0), (pixels[1] ?? 0) - (pixels[2] ?? 0)]).toEqual([10, 20]);
    expect(pixels[3]).toBe(255);
  });

  it('manages a picture narrower than the tiles', () => {
    const pixels = greys([10, 20, 30, 40, 50, 60]);
    applyTone(pixels, 3, 2, { brightness: 10, contrast: 10, equalise: true });
    expect(levelsOf(pixels)).toHaveLength(6);
  });
});
