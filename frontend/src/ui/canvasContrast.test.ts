import { describe, expect, it } from 'vitest';

import theme from './theme.css?raw';
import { readPalette } from '../canvas/palette';

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((c) =>
    c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const tokens = new Map(
  [...theme.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/g)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  ),
);
const REGIONS = ['jaw', 'brows', 'nose', 'eyes', 'lips'] as const;

/** The palette without a browser: the tokens as the style sheet writes them. */
const palette = (() => {
  const style = { getPropertyValue: (name: string) => tokens.get(name) ?? '' };
  const before = globalThis.getComputedStyle;
  globalThis.getComputedStyle = () => style as unknown as CSSStyleDeclaration;
  try {
    return readPalette({} as Element);
  } finally {
    globalThis.getComputedStyle = before;
  }
})();

describe('contrast of what is drawn on the photograph', () => {
  it('it_knows_the_extremes', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#777777')).toBe(1);
  });

  it('it_draws_points_that_read_against_their_dark_rim', () => {
    for (const region of REGIONS)
      expect([region, contrast(palette.region[region], palette.rim) >= 4.5]).toEqual([region, true]);
    for (const name of ['box', 'accent', 'amber', 'bad', 'good'] as const)
      expect([name, contrast(palette[name], palette.rim) >= 4.5]).toEqual([name, true]);
  });

  it('it_never_vanishes_because_point_or_rim_stands_out', () => {
    // A point's own neighbour is its rim (the test before); beyond it, one of the two stands out from any surface.
    for (let grey = 0; grey <= 255; grey += 5) {
      const skin = `#${grey.toString(16).padStart(2, '0').repeat(3)}`;
      for (const region of REGIONS) {
        const best = Math.max(contrast(palette.region[region], skin), contrast(palette.rim, skin));
        expect([region, skin, best >= 2.5]).toEqual([region, skin, true]);
      }
    }
  });

  it('it_draws_versions_of_people_against_the_rim_too', () => {
    for (const [name, colour] of Object.entries(palette.version))
      expect([name, contrast(colour, palette.rim) >= 4.5]).toEqual([name, true]);
  });
});
