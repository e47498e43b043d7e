import { describe, expect, it } from 'vitest';

import { imagePx, screenPx, toScreen, type View } from '../model/coords';
import {
  dragPartBox,
  fromLevel,
  partBox,
  partHandleAt,
  partHandlePlace,
  shownPartBox,
  toLevel,
} from './partBox';

const QUARTER = Math.PI / 2;
const view: View = { centre: imagePx(0, 0), scale: 2, roll: 0, width: 400, height: 400 };
const box = [10, 20, 40, 30] as const;

describe('the box of a part', () => {
  it('it_lies_level_with_the_face', () => {
    const points = Array.from({ length: 68 }, () => null as ReturnType<typeof imagePx> | null);
    points[36] = imagePx(10, 20);
    points[39] = imagePx(40, 30);
    expect(partBox(points, 'left_eye', 0)).toEqual([10, 20, 40, 30]);
    expect(partBox(points, 'right_eye', 0)).toBeNull();
    const [x1, y1, x2, y2] = partBox(points, 'left_eye', QUARTER) ?? [0, 0, 0, 0];
    expect([x1, y1, x2, y2].map((value) => Math.round(value))).toEqual([20, -40, 30, -10]);
  });

  it('it_has_extent_even_where_its_points_lie_on_a_line', () => {
    const points = Array.from({ length: 68 }, () => null as ReturnType<typeof imagePx> | null);
    points[36] = imagePx(10, 20);
    points[39] = imagePx(40, 20);
    expect(partBox(points, 'left_eye', 0)).toEqual([10, 20, 40, 21]);
  });

  it('it_turns_there_and_back', () => {
    const p = fromLevel(toLevel(imagePx(3, 4), 0.4), 0.4);
    expect(p.x).toBeCloseTo(3);
    expect(p.y).toBeCloseTo(4);
  });

  it('it_puts_handles_on_corners_and_sides', () => {
    expect(partHandlePlace(box, 'nw', 0)).toEqual(imagePx(10, 20));
    expect(partHandlePlace(box, 'e', 0)).toEqual(imagePx(40, 25));
    expect(partHandlePlace(box, 's', 0)).toEqual(imagePx(25, 30));
    expect(partHandlePlace(box, 'move', 0)).toEqual(imagePx(25, 25));
  });

  it('it_drags_a_side_a_corner_and_the_whole_and_never_turns_inside_out', () => {
    expect(dragPartBox(box, 'move', imagePx(1, 2), 0)).toEqual([11, 22, 41, 32]);
    expect(dragPartBox(box, 'w', imagePx(5, 9), 0)).toEqual([15, 20, 40, 30]);
    expect(dragPartBox(box, 'se', imagePx(5, 9), 0)).toEqual([10, 20, 45, 39]);
    expect(dragPartBox(box, 'n', imagePx(0, 50), 0)).toEqual([10, 29, 40, 30]);
    expect(dragPartBox(box, 'e', imagePx(-50, 0), 0)).toEqual([10, 20, 11, 30]);
  });

  it('it_finds_the_handle_under_the_pointer_at_every_zoom', () => {
    const corner = toScreen(view, imagePx(10, 20));
    expect(partHandleAt(view, box, 0, screenPx(corner.x + 5, corner.y), 9)).toBe('nw');
    expect(partHandleAt(view, box, 0, toScreen(view, imagePx(20, 25)), 4)).toBe('move');
    expect(partHandleAt(view, box, 0, toScreen(view, imagePx(80, 80)), 9)).toBeNull();
    expect(shownPartBox(box, { ...view, scale: 4.5 })).toEqual([8, 18, 42, 32]);
  });
});
