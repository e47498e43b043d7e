import { describe, expect, it } from 'vitest';

import type { TrainingPoint } from '../api/types';
import { attemptSpans, figurePanels, joined, logLines, lossPanels, stagesProblem } from './training';

let seq = 0;
function point(changes: Partial<TrainingPoint>): TrainingPoint {
  seq += 1;
  return {
    seq,
    attempt: 1,
    stage: 'S1',
    step: 1,
    kind: 'loss',
    values: {},
    at: '2026-11-24T10:00:00Z',
    ...changes,
  };
}

describe('stagesProblem', () => {
  it('wants S1 for a first model', () => {
    expect(stagesProblem(['S3'], false)).toMatch(/first model needs S1/);
    expect(stagesProblem(['S1'], false)).toBeNull();
    expect(stagesProblem(['S3'], true)).toBeNull();
  });
  it('wants S3 and S4 after S2', () => {
    expect(stagesProblem(['S2'], true)).toMatch(/choose S3 and S4/);
    expect(stagesProblem(['S1', 'S2', 'S3'], false)).toMatch(/choose S3 and S4/);
    expect(stagesProblem(['S2', 'S3', 'S4'], true)).toBeNull();
  });
  it('wants at least one', () => {
    expect(stagesProblem([], true)).toBe('Choose at least one stage.');
  });
});

describe('lossPanels', () => {
  it('makes one panel a stage and leaves out the rate and counts', () => {
    const panels = lossPanels([
      point({ step: 1, values: { loss: 4, rate: 0.1, landmarks: 3, age: 1, rois: 12 } }),
      point({ step: 2, values: { loss: 2, rate: 0.1, landmarks: 1, age: null } }),
      point({ stage: 'S3', step: 1, values: { loss: 0.5, landmarks: 0.5 } }),
    ]);
    expect(panels.map((panel) => panel.name)).toEqual(['Losses in S1', 'Losses in S3']);
    expect(panels[0]?.curves.map((curve) => [curve.name, curve.points])).toEqual([
      [
        'all',
        [
          [1, 4],
          [2, 2],
        ],
      ],
      [
        'landmarks',
        [
          [1, 3],
          [2, 1],
        ],
      ],
      ['age', [[1, 1]]],
    ]);
    expect(panels[1]?.curves.map((curve) => curve.name)).toEqual(['landmarks']);
  });
});

describe('figurePanels', () => {
  it('has a curve a stage, shares as percentages, and no panel for what was never measured', () => {
    const panels = figurePanels([
      point({ kind: 'metric', step: 500, values: { ap50: 0.5, age_mae: null } }),
      point({ kind: 'metric', step: 900, values: { ap50: 0.8, age_mae: 6 } }),
      point({ kind: 'metric', stage: 'S2', step: 300, values: { ap50: 0.9, faces_n: 40 } }),
    ]);
    expect(panels.map(({ figure }) => figure.key)).toEqual(['ap50', 'age_mae']);
    expect(panels[0]?.curves.map((curve) => [curve.name, curve.points])).toEqual([
      [
        'S1',
        [
          [500, 50],
          [900, 80],
        ],
      ],
      ['S2', [[300, 90]]],
    ]);
  });
});

describe('joined', () => {
  it('adds only what is newer, in order', () => {
    const known = [point({ seq: 1 }), point({ seq: 2 })];
    const more = [point({ seq: 4 }), point({ seq: 2 }), point({ seq: 3 })];
    expect(joined(known, more)?.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });
  it('asks for everything again when another attempt went on', () => {
    expect(joined([point({ seq: 1 })], [point({ seq: 2, attempt: 2 })])).toBeNull();
    expect(joined([], [point({ seq: 1, attempt: 2 })])).toHaveLength(1);
  });
});

describe('attemptSpans', () => {
  it('says from where to where each attempt came', () => {
    const spans = attemptSpans([
      point({ step: 1 }),
      point({ step: 300 }),
      point({ kind: 'note', attempt: 2, step: 200 }),
      point({ attempt: 2, step: 201 }),
      point({ attempt: 2, stage: 'S3', step: 1000 }),
    ]);
    expect(spans.map((span) => [span.attempt, span.from, span.to])).toEqual([
      [1, 'S1 step 1', 'S1 step 300'],
      [2, 'S1 step 201', 'S3 step 1,000'],
    ]);
  });
});

describe('logLines', () => {
  it('says the event first, then where, then its facts', () => {
    const lines = logLines([
      point({ kind: 'note', stage: 'S1', step: 200, values: { event: 'resumed' } }),
      point({ kind: 'note', stage: 'S3', step: 0, values: { event: 'faces_found', boxes: 120, views: 2 } }),
      point({}),
    ]);
    expect(lines.map((line) => line.text)).toEqual([
      'resumed, S1 step 200',
      'faces found, S3, boxes 120, views 2',
    ]);
  });
});
