import { describe, expect, it } from 'vitest';

import { imagePx } from './coords';
import { CURVES, FLIP, POINTS, regionOf, REGIONS, TEMPLATE, templateInBox, templateThrough } from './ibug68';
import { pointName } from './pointNames';

describe('iBUG-68', () => {
  it('it_puts_each_point_into_exactly_one_region', () => {
    expect(REGIONS.flatMap((region) => region.points).sort((a, b) => a - b)).toEqual(
      Array.from({ length: POINTS }, (_, i) => i),
    );
    expect(regionOf(8)).toBe('jaw');
    expect(regionOf(30)).toBe('nose');
    expect(regionOf(67)).toBe('lips');
  });

  it('it_draws_each_point_once', () => {
    expect(CURVES.flatMap((curve) => curve.points)).toHaveLength(POINTS);
    expect(CURVES.filter((curve) => curve.closed).map((curve) => curve.points.length)).toEqual([6, 6, 12, 8]);
  });

  it('it_flips_by_an_involution', () => {
    expect(FLIP.map((i) => FLIP[i])).toEqual(Array.from({ length: POINTS }, (_, i) => i));
    expect([FLIP[0], FLIP[36], FLIP[37], FLIP[48], FLIP[60], FLIP[67]]).toEqual([16, 45, 44, 54, 64, 65]);
    expect([FLIP[8], FLIP[30], FLIP[33], FLIP[51], FLIP[57], FLIP[62], FLIP[66]]).toEqual([
      8, 30, 33, 51, 57, 62, 66,
    ]);
  });

  it('it_has_a_symmetric_template', () => {
    expect(TEMPLATE).toHaveLength(POINTS);
    for (const [i, [x, y]] of TEMPLATE.entries()) {
      const twin = TEMPLATE[FLIP[i] ?? -1];
      expect(twin?.[0]).toBeCloseTo(1 - x);
      expect(twin?.[1]).toBeCloseTo(y);
    }
  });

  it('it_names_points_by_their_side_in_the_picture', () => {
    expect(pointName(8)).toBe('chin');
    expect(pointName(36)).toBe('left eye, outer corner');
    expect(pointName(45)).toBe('right eye, outer corner');
    expect(pointName(39)).toBe('left eye, inner corner');
    expect(pointName(42)).toBe('right eye, inner corner');
    expect(new Set(Array.from({ length: POINTS }, (_, i) => pointName(i))).size).toBe(POINTS);
  });

  it('it_lays_the_template_into_a_box_and_turns_it', () => {
    const upright = templateInBox([0, 0, 100, 100], 0);
    expect(upright[30]?.x).toBe(50);
    expect(upright[30]?.y).toBeCloseTo(57);
    const turned = templateInBox([0, 0, 100, 100], 90);
    expect(turned[30]?.x).toBeCloseTo(43);
    expect(turned[30]?.y).toBeCloseTo(50);
  });

  it('it_finds_a_missing_point_from_the_others', () => {
    const known = templateInBox([20, 40, 220, 240], 25).map((p, i) => (i === 30 ? null : p));
    const expected = templateInBox([20, 40, 220, 240], 25)[30];
    const found = templateThrough(known)?.[30];
    expect(found?.x).toBeCloseTo(expected?.x ?? NaN);
    expect(found?.y).toBeCloseTo(expected?.y ?? NaN);
  });

  it('it_refuses_to_guess_from_a_single_point', () => {
    expect(templateThrough([imagePx(1, 1), ...Array.from({ length: 67 }, () => null)])).toBeNull();
  });
});
