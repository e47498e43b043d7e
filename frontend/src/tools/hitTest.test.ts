import { describe, expect, it } from 'vitest';

import { imagePx, screenPx, type View } from '../model/coords';
import { boxHandleAt, pointAt, POINT_REACH, reachFactor } from './hitTest';

const view: View = { centre: imagePx(50, 50), scale: 2, roll: 0, width: 200, height: 200 };

describe('what lies under the pointer', () => {
  it('it_takes_the_nearest_point_within_reach', () => {
    const points = [imagePx(50, 50), imagePx(53, 50), null];
    expect(pointAt(view, points, screenPx(104, 100))).toBe(1);
    expect(pointAt(view, points, screenPx(101, 100))).toBe(0);
    expect(pointAt(view, points, screenPx(130, 100))).toBeNull();
  });

  it('it_prefers_a_handle_to_the_edge', () => {
    expect(boxHandleAt(view, [20, 20, 80, 80], screenPx(40, 40))).toBe('nw');
    expect(boxHandleAt(view, [20, 20, 80, 80], screenPx(40, 70))).toBe('move');
    expect(boxHandleAt(view, [20, 20, 80, 80], screenPx(100, 100))).toBeNull();
  });

  it('it_reaches_farther_for_a_finger_than_for_a_mouse', () => {
    const points = [imagePx(50, 50)];
    const beside = screenPx(118, 100);
    expect(pointAt(view, points, beside, POINT_REACH * reachFactor('mouse'))).toBeNull();
    expect(pointAt(view, points, beside, POINT_REACH * reachFactor('touch'))).toBe(0);
    expect(boxHandleAt(view, [20, 20, 80, 80], screenPx(26, 26))).toBeNull();
    expect(boxHandleAt(view, [20, 20, 80, 80], screenPx(26, 28), reachFactor('touch'))).toBe('nw');
  });
});
