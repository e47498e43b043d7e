import { describe, expect, it } from 'vitest';

import { imagePx } from '../model/coords';
import { boxBetween, dragBox, handlePlace } from './box';

const bounds = { width: 400, height: 300 };

describe('box editors', () => {
  it('it_moves_a_corner', () => {
    expect(dragBox([10, 10, 50, 60], 'nw', imagePx(5, -5), bounds)).toEqual([15, 5, 50, 60]);
    expect(dragBox([10, 10, 50, 60], 'se', imagePx(5, -5), bounds)).toEqual([10, 10, 55, 55]);
  });

  it('it_moves_one_side_only', () => {
    expect(dragBox([10, 10, 50, 60], 'e', imagePx(7, 99), bounds)).toEqual([10, 10, 57, 60]);
  });

  it('it_never_turns_inside_out', () => {
    expect(dragBox([10, 10, 50, 60], 'w', imagePx(999, 0), bounds)).toEqual([46, 10, 50, 60]);
  });

  it('it_stays_inside_the_image_with_its_size', () => {
    expect(dragBox([10, 10, 50, 60], 'move', imagePx(-99, 999), bounds)).toEqual([0, 250, 40, 300]);
  });

  it('it_takes_corners_in_any_order_and_cuts_to_the_image', () => {
    expect(boxBetween(imagePx(60, 70), imagePx(-5, 20), bounds)).toEqual([0, 20, 60, 70]);
    expect(boxBetween(imagePx(10, 10), imagePx(12, 90), bounds)).toBeNull();
  });

  it('it_places_handles', () => {
    expect(handlePlace([0, 0, 10, 20], 's')).toEqual({ x: 5, y: 20 });
    expect(handlePlace([0, 0, 10, 20], 'ne')).toEqual({ x: 10, y: 0 });
  });
});
