import { describe, expect, it } from 'vitest';

import type { Economy } from '../api/types';
import {
  blindDifference,
  blindText,
  chartCells,
  ECONOMY_CHARTS,
  makerName,
  modelVersions,
  seriesOf,
  weekSeries,
  type EconomyVersion,
} from './economy';

const measure = (mean: number | null, n = 10): EconomyVersion['measures']['edits'] => ({
  n,
  mean,
  low: mean === null ? null : mean - 1,
  high: mean === null ? null : mean + 1,
});

function version(madeBy: string, edits: number, changes: Partial<EconomyVersion> = {}): EconomyVersion {
  const none = measure(null, 0);
  return {
    made_by: madeBy,
    first_accepted_at: '2026-11-24T10:00:00Z',
    last_accepted_at: '2026-11-24T11:00:00Z',
    faces: 10,
    blind_faces: 1,
    measures: {
      edits: measure(edits),
      points_moved: none,
      sides_moved: none,
      attributes_changed: none,
      active_seconds: none,
      annotate_seconds: none,
      box_iou: none,
      nme_box_side: none,
      nme_box_side_jaw: none,
      nme_box_side_brows: none,
      nme_box_side_nose: none,
      nme_box_side_eyes: none,
      nme_box_side_lips: none,
      age_difference: none,
      age_distance: none,
      gender_changed: { n: 8, mean: 0.25, low: 0.1, high: 0.4 },
      ethnicity_changed: none,
    },
    ...changes,
  };
}
const economy: Economy = {
  since: null,
  pause_seconds: 30,
  point_tolerance_box_side: 0.01,
  side_tolerance_box_side: 0.02,
  versions: [version('packaged', 24), version('', 75), version('tfn m1 0a1b2c3d', 11)],
  blind: [],
  weeks: [
    { week: '2026-11-23', made_by: 'tfn m1 0a1b2c3d', faces: 4, edits: 12, active_seconds: 30 },
    { week: '2026-11-16', made_by: 'packaged', faces: 6, edits: 25, active_seconds: null },
    { week: '2026-11-23', made_by: 'packaged', faces: 2, edits: 20, active_seconds: 40 },
  ],
};

describe('makerName', () => {
  it('shortens a model to its number and leaves other names', () => {
    expect(['tfn m12 0a1b2c3d', 'packaged', ''].map(makerName)).toEqual([
      'm12',
      'packaged',
      'drawn by people',
    ]);
  });
});

describe('series of a chart', () => {
  const [edits, , , , , attributes] = ECONOMY_CHARTS;
  const versions = modelVersions(economy);
  it('has the models in order and not the faces that people drew', () => {
    expect(versions.map((one) => one.made_by)).toEqual(['packaged', 'tfn m1 0a1b2c3d']);
    const [series] = edits ? seriesOf(edits, versions) : [];
    expect(series?.values).toEqual([
      { value: 24, low: 23, high: 25, n: 10 },
      { value: 11, low: 10, high: 12, n: 10 },
    ]);
  });
  it('shows shares as percentages and saves them as they are', () => {
    const first = versions.slice(0, 1);
    const [gender, ethnicity] = attributes ? seriesOf(attributes, first) : [];
    expect(gender?.values).toEqual([{ value: 25, low: 10, high: 40, n: 8 }]);
    expect(ethnicity?.values).toEqual([null]);
    expect(attributes && chartCells(attributes, first)[0]).toEqual([
      'packaged',
      'gender_changed',
      8,
      0.25,
      0.1,
      0.4,
    ]);
  });
});

describe('blind against shown', () => {
  const row: Economy['blind'][number] = {
    made_by: null,
    measure: 'nme_box_side',
    shown: measure(0.02),
    blind: measure(0.024),
    difference: 0.004,
    low: -0.001,
    high: 0.009,
  };
  it('writes the difference with sign and interval', () => {
    expect(blindDifference(row)).toBe('+0.40 (−0.10 to +0.90)');
    expect(blindDifference({ ...row, low: null, high: null })).toBe('+0.40, no interval');
    expect(blindDifference({ ...row, difference: null })).toBe('–');
  });
  it('writes plain values without a sign', () => {
    expect(blindText('nme_box_side', 0.024)).toBe('2.40');
    expect(blindText('edits', null)).toBe('–');
  });
});

describe('weekSeries', () => {
  it('has the weeks in order and a gap where a model had no face', () => {
    const { weeks, series } = weekSeries(economy);
    expect(weeks).toEqual(['2026-11-16', '2026-11-23']);
    expect(series.map((one) => [one.name, one.values])).toEqual([
      ['m1', [null, { value: 12, n: 4 }]],
      [
        'packaged',
        [
          { value: 25, n: 6 },
          { value: 20, n: 2 },
        ],
      ],
    ]);
  });
});
