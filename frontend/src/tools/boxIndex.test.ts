import { describe, expect, it } from 'vitest';

import { fitRegion, imagePx, toScreen } from '../model/coords';
import { BoxIndex } from './boxIndex';
import { boxBetween, hullOf } from './box';
import { closeUp, isShown } from './reveal';

const index = new BoxIndex([
  { box: [0, 0, 100, 100], of: 'large' },
  { box: [40, 40, 60, 60], of: 'small' },
]);

describe('boxes under the pointer', () => {
  it('it_finds_the_smallest_of_boxes_inside_each_other', () => {
    expect(index.at(imagePx(50, 50))).toBe('small');
    expect(index.at(imagePx(10, 10))).toBe('large');
    expect(index.at(imagePx(120, 50))).toBeNull();
  });

  it('it_reaches_a_little_beyond_the_edge', () => {
    expect(index.at(imagePx(103, 50), 4)).toBe('large');
    expect(index.at(imagePx(63, 50), 4)).toBe('small');
  });

  it('it_finds_nothing_where_there_are_no_boxes', () => {
    expect(new BoxIndex([]).at(imagePx(0, 0), 10)).toBeNull();
  });
});

describe('a box by its outermost points', () => {
  const bounds = { width: 400, height: 300 };
  it('it_is_their_hull_in_any_order', () => {
    const points = [imagePx(50, 80), imagePx(70, 20), imagePx(90, 60), imagePx(60, 110)];
    expect(hullOf(points, bounds)).toEqual([50, 20, 90, 110]);
    expect(hullOf([...points].reverse(), bounds)).toEqual([50, 20, 90, 110]);
  });

  it('it_is_none_where_they_lie_on_a_line', () => {
    expect(
      hullOf(
        [1, 2, 3, 4].map((x) => imagePx(10 * x, 50)),
        bounds,
      ),
    ).toBeNull();
  });

  it('it_ends_at_the_edge_of_the_photograph', () => {
    expect(hullOf([imagePx(-20, 50), imagePx(10, -5), imagePx(60, 30), imagePx(30, 90)], bounds)).toEqual(
      boxBetween(imagePx(0, 0), imagePx(60, 90), bounds),
    );
  });
});

describe('a part of the photograph', () => {
  const view = fitRegion({ x: 0, y: 0, width: 4000, height: 3000 }, { width: 800, height: 600 });
  it('it_is_shown_when_all_of_it_is_in_view_and_large_enough', () => {
    expect(isShown(view, [100, 100, 300, 300])).toBe(true); // 40 CSS px
    expect(isShown(view, [100, 100, 290, 290])).toBe(false);
    expect(isShown(view, [3900, 100, 4100, 300])).toBe(false);
  });

  it('it_comes_to_the_middle_close_enough_to_be_judged', () => {
    const close = closeUp(view, [3000, 2000, 3040, 2060], 0.25);
    expect(toScreen(close, imagePx(3020, 2030))).toEqual({ x: 400, y: 300 });
    expect(60 * close.scale).toBeCloseTo(150);
    expect(isShown(close, [3000, 2000, 3040, 2060])).toBe(true);
  });
});
