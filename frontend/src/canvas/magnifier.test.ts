import { describe, expect, it } from 'vitest';

import { imagePx, screenPx, toScreen, type View } from '../model/coords';
import { magnified, MAGNIFIER, magnifierCorner } from './magnifier';

const VIEW: View = { centre: imagePx(100, 100), scale: 3, roll: 0.2, width: 800, height: 600 };

describe('the magnifier', () => {
  it('stands in the upper corner opposite to the hand', () => {
    const right = 800 - MAGNIFIER.side - MAGNIFIER.margin;
    expect(magnifierCorner(VIEW, screenPx(100, 500))).toEqual({ x: right, y: MAGNIFIER.margin });
    expect(magnifierCorner(VIEW, screenPx(700, 50))).toEqual({ x: MAGNIFIER.margin, y: MAGNIFIER.margin });
  });

  it('shows the place under the hand in its middle, four times as large', () => {
    const place = imagePx(120, 90);
    const view = magnified(VIEW, place);
    expect(toScreen(view, place)).toEqual({ x: MAGNIFIER.side / 2, y: MAGNIFIER.side / 2 });
    const beside = toScreen(view, imagePx(121, 90));
    expect(Math.hypot(beside.x - MAGNIFIER.side / 2, beside.y - MAGNIFIER.side / 2)).toBeCloseTo(12);
  });
});
