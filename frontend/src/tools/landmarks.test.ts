import { describe, expect, it } from 'vitest';

import { imagePx } from '../model/coords';
import { wireLabels } from '../model/examples';
import { fromWire, HIDDEN, MISSING, VISIBLE } from '../model/labels';
import {
  addLandmarks,
  cycledPoint,
  ghostPlaces,
  movePoint,
  nudgePoint,
  removeLandmarks,
  removePoint,
  restorePoint,
  toggleHidden,
} from './landmarks';

const labels = fromWire(wireLabels());

describe('landmark editors', () => {
  it('it_moves_one_point_and_no_other', () => {
    const moved = movePoint(labels, 30, imagePx(1, 2));
    expect(moved.landmarks?.points[30]).toEqual(imagePx(1, 2));
    expect(moved.landmarks?.points.filter((p, i) => p !== labels.landmarks?.points[i])).toHaveLength(1);
    expect(labels.landmarks?.points[30]).toEqual(imagePx(150, 157));
  });

  it('it_nudges_by_a_fraction_of_a_pixel', () => {
    expect(nudgePoint(labels, 30, imagePx(0.25, 0)).landmarks?.points[30]).toEqual(imagePx(150.25, 157));
  });

  it('it_removes_and_puts_back', () => {
    const without = removePoint(labels, 30);
    expect(without.landmarks?.points[30]).toBeNull();
    expect(without.landmarks?.states[30]).toBe(MISSING);
    expect(removePoint(without, 30)).toBe(without);
    expect(movePoint(without, 30, imagePx(0, 0))).toBe(without);
    const back = restorePoint(without, 30, imagePx(150, 157));
    expect(back.landmarks).toEqual(labels.landmarks);
  });

  it('it_toggles_hidden_only_for_a_present_point', () => {
    const hidden = toggleHidden(labels, 8);
    expect(hidden.landmarks?.states[8]).toBe(HIDDEN);
    expect(toggleHidden(hidden, 8).landmarks?.states[8]).toBe(VISIBLE);
    const without = removePoint(labels, 8);
    expect(toggleHidden(without, 8)).toBe(without);
  });

  it('it_removes_and_adds_all', () => {
    const none = removeLandmarks(labels);
    expect(none.landmarks).toBeNull();
    expect(addLandmarks(none, labels.landmarks, 0).landmarks).toBe(labels.landmarks);
    expect(addLandmarks(none, null, 0).landmarks?.points[30]).toEqual(imagePx(150, 157));
  });

  it('it_shows_a_ghost_where_an_earlier_version_had_the_point', () => {
    const without = removePoint(labels, 30);
    expect(ghostPlaces(without, [null, labels.landmarks], 0)[30]).toEqual(imagePx(150, 157));
    expect(ghostPlaces(without, [], 0)[30]?.y).toBeCloseTo(157);
    expect(ghostPlaces(without, [], 0)[31]).toBeNull();
  });

  it('it_cycles_through_all_points_both_ways', () => {
    expect(cycledPoint(labels, null, 1)).toBe(0);
    expect(cycledPoint(labels, null, -1)).toBe(67);
    expect(cycledPoint(labels, 67, 1)).toBe(0);
    expect(cycledPoint(labels, 0, -1)).toBe(67);
    expect(cycledPoint(removeLandmarks(labels), 3, 1)).toBeNull();
  });
});
