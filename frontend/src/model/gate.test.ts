import { describe, expect, it } from 'vitest';

import type { GateCell, GateReport } from '../api/gate';
import { forestRows, gainSentence, gainText, gateCells, groupRows, groupTasks, valueText } from './gate';

function cell(changes: Partial<GateCell> = {}): GateCell {
  return {
    measure: 'ap50',
    n: 120,
    challenger: 0.9,
    champion: 0.85,
    difference: 0.05,
    low: 0.02,
    high: 0.08,
    verdict: 'better',
    ...changes,
  };
}
const report: GateReport = {
  decision: 'keep',
  reasons: [{ code: 'worse_for_group', sentence: 'Worse for faces aged 0-12.', task: 'age' }],
  overall: {
    age: cell({
      measure: 'age_mae',
      challenger: 6,
      champion: 5,
      difference: -1,
      low: -1.5,
      high: -0.5,
      verdict: 'worse',
    }),
    detection: cell(),
  },
  groups: [
    { ...cell({ n: 40 }), task: 'detection', group: 'face_size', value: 'small' },
    { ...cell({ n: 31 }), task: 'detection', group: 'age_band', value: '13-19' },
    {
      ...cell({ n: 12, low: null, high: null, verdict: 'not_enough_evidence' }),
      task: 'age',
      group: 'age_band',
      value: '0-12',
    },
    { ...cell({ n: 14 }), task: 'detection', group: 'age_band', value: '0-12' },
    { ...cell({ n: 50 }), task: 'detection', group: 'face_size', value: 'large' },
  ],
  challenger: { kind: 'model', name: 'fast m2', number: 2 },
  against: { kind: 'coarse', name: 'packaged', number: null },
  release: 2,
  test_faces: 120,
  test_images: 60,
  unreadable: [],
  seed: 0,
  method: {},
};

describe('numbers of the gate', () => {
  it('writes shares as percentages and ages as years', () => {
    expect(valueText('ap50', 0.9)).toBe('90.0 %');
    expect(valueText('age_mae', 5.25)).toBe('5.3');
    expect(valueText('ap50', null)).toBe('–');
  });
  it('shows the sign of a gain but none of zero', () => {
    expect([0.05, -0.05, 0, -0.0001].map((gain) => gainText('ap50', gain))).toEqual([
      '+5.0',
      '−5.0',
      '0.0',
      '0.0',
    ]);
  });
  it('says unit and interval of a gain', () => {
    expect(gainSentence(cell())).toBe('+5.0 points (+2.0 to +8.0)');
    expect(gainSentence(cell({ low: null }))).toBe('+5.0 points, no interval');
    expect(gainSentence(cell({ difference: null }))).toBe('not measured');
  });
});

describe('forestRows', () => {
  it('has the tasks in order with the colour of their verdict', () => {
    expect(forestRows(report).map((row) => [row.name, row.tone, row.difference])).toEqual([
      ['Finding faces, AP', 'good', 0.05],
      ['Age, years off', 'bad', -1],
    ]);
  });
});

describe('groupRows', () => {
  it('has a row a value in natural order, its tasks side by side', () => {
    const rows = groupRows(report);
    expect(rows.map((row) => `${row.group} ${row.value}`)).toEqual([
      'age_band 0-12',
      'age_band 13-19',
      'face_size small',
      'face_size large',
    ]);
    expect(rows[0]?.n).toBe(14);
    expect(rows[0]?.cells.get('age')?.verdict).toBe('not_enough_evidence');
    expect(groupTasks(report)).toEqual(['detection', 'age']);
  });
});

describe('gateCells', () => {
  it('has every comparison, the overall ones first', () => {
    const cells = gateCells(report);
    expect(cells).toHaveLength(7);
    expect(cells[0]?.slice(0, 4)).toEqual(['all', '', 'detection', 'ap50']);
    expect(cells[4]?.at(-1)).toBe('not_enough_evidence');
  });
});
