import { describe, expect, it } from 'vitest';

import { imagePx, screenPx, toImage, type View } from '../model/coords';
import { Fingers, pinched } from './fingers';

const VIEW: View = { centre: imagePx(50, 50), scale: 2, roll: 0.3, width: 400, height: 300 };

describe('two fingers', () => {
  it('zoom by the ratio of their distances around the middle between them', () => {
    const before = [screenPx(100, 100), screenPx(200, 100)] as const;
    const now = [screenPx(50, 100), screenPx(250, 100)] as const;
    const view = pinched(VIEW, { before, now });
    expect(view.scale).toBeCloseTo(4);
    const middle = screenPx(150, 100);
    expect(toImage(view, middle).x).toBeCloseTo(toImage(VIEW, middle).x);
    expect(toImage(view, middle).y).toBeCloseTo(toImage(VIEW, middle).y);
  });

  it('carry the photograph along when they move together', () => {
    const before = [screenPx(100, 100), screenPx(200, 100)] as const;
    const now = [screenPx(130, 80), screenPx(230, 80)] as const;
    const view = pinched(VIEW, { before, now });
    expect(view.scale).toBeCloseTo(2);
    const under = toImage(VIEW, screenPx(100, 100));
    expect(toImage(view, screenPx(130, 80)).x).toBeCloseTo(under.x);
    expect(toImage(view, screenPx(130, 80)).y).toBeCloseTo(under.y);
  });

  it('do not zoom while they lie on one place', () => {
    const one = screenPx(100, 100);
    expect(pinched(VIEW, { before: [one, one], now: [one, screenPx(200, 100)] }).scale).toBe(2);
  });

  it('are a pinch only while two are down', () => {
    const fingers = new Fingers();
    expect(fingers.down(7, screenPx(0, 0))).toBe(1);
    expect(fingers.move(7, screenPx(5, 0))).toBeNull();
    expect(fingers.down(9, screenPx(100, 0))).toBe(2);
    expect(fingers.move(9, screenPx(120, 0))).toEqual({
      before: [screenPx(5, 0), screenPx(100, 0)],
      now: [screenPx(5, 0), screenPx(120, 0)],
    });
    expect(fingers.move(3, screenPx(0, 0))).toBeNull();
    expect(fingers.up(7)).toBe(1);
    expect(fingers.move(9, screenPx(130, 0))).toBeNull();
  });
});
