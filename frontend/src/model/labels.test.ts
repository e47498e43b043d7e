import { describe, expect, it } from 'vitest';

import { wireLabels } from './examples';
import { boxIou, fromWire, HIDDEN, MISSING, regionCounts, sameLabels, toWire } from './labels';

describe('labels', () => {
  it('it_reads_and_writes_the_wire_form', () => {
    const wire = wireLabels({ flags: ['profile', 'blurred'] });
    expect(toWire(fromWire(wire))).toEqual({
      ...wire,
      flags: ['blurred', 'profile'],
      landmarks: toWire(fromWire(wire)).landmarks,
    });
    expect(toWire(fromWire(wire)).landmarks?.[30]).toEqual([150, 157]);
  });

  it('it_keeps_missing_points_null_and_missing', () => {
    const wire = wireLabels();
    const landmarks = wire.landmarks?.map((p, i) => (i === 5 ? null : p)) ?? null;
    const labels = fromWire({
      ...wire,
      landmarks,
      visibility: wire.visibility?.map((v, i) => (i === 6 ? 1 : v)) ?? null,
    });
    expect(labels.landmarks?.states[5]).toBe(MISSING);
    expect(labels.landmarks?.states[6]).toBe(HIDDEN);
    expect(toWire(labels).landmarks?.[5]).toBeNull();
    expect(toWire(labels).visibility?.[5]).toBe(2);
  });

  it('it_refuses_another_number_of_points', () => {
    expect(() => fromWire(wireLabels({ landmarks: [[1, 2]] }))).toThrow('1 landmarks instead of 68');
  });

  it('it_compares_what_would_be_stored', () => {
    const a = fromWire(wireLabels());
    expect(sameLabels(a, fromWire(wireLabels({ box: [100.001, 100, 200, 200] })))).toBe(true);
    expect(sameLabels(a, fromWire(wireLabels({ box: [100.1, 100, 200, 200] })))).toBe(false);
  });

  it('it_counts_per_region', () => {
    const wire = wireLabels();
    const visibility = wire.visibility?.map((v, i) => (i < 2 ? 1 : v)) ?? null;
    const landmarks = wire.landmarks?.map((p, i) => (i === 8 ? null : p)) ?? null;
    const jaw = regionCounts(fromWire({ ...wire, visibility, landmarks }).landmarks)?.[0];
    expect(jaw).toEqual({ region: 'jaw', title: 'Jaw', visible: 14, hidden: 2, missing: 1 });
    expect(regionCounts(null)).toBeNull();
  });

  it('it_computes_iou', () => {
    expect(boxIou([0, 0, 10, 10], [5, 0, 15, 10])).toBeCloseTo(1 / 3);
    expect(boxIou([0, 0, 10, 10], [10, 0, 20, 10])).toBe(0);
  });
});
