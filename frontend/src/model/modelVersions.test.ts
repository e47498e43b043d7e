import { describe, expect, it } from 'vitest';

import type { Promotion } from '../api/types';
import { FIGURES, figureText, modelName, rollbackTarget } from './modelVersions';

function promotion(model: number | null, previous: number | null, isRollback = false): Promotion {
  return {
    id: 0,
    model,
    previous,
    reason: '',
    actor: null,
    automatic: !isRollback,
    is_rollback: isRollback,
    relabel_job: null,
    at: '2026-11-24T10:00:00Z',
  };
}

describe('rollbackTarget', () => {
  it('is nothing while the coarse provider works', () => {
    expect(rollbackTarget(null, [])).toBeUndefined();
  });
  it('goes back along the promotions and not along the rollbacks', () => {
    const history = [promotion(2, 3, true), promotion(3, 2), promotion(2, 1), promotion(1, null)];
    expect(rollbackTarget(3, history)).toBe(2);
    expect(rollbackTarget(2, history)).toBe(1);
    expect(rollbackTarget(1, history)).toBeNull();
  });
});

describe('figureText', () => {
  const [ap, nme, age] = FIGURES;
  it('writes shares as percentages and years as they are', () => {
    expect(ap && figureText(ap, 0.913)).toBe('91.3');
    expect(nme && figureText(nme, 0.0412)).toBe('4.12');
    expect(age && figureText(age, 5.25)).toBe('5.3');
  });
  it('has a dash for what was not measured', () => {
    expect(ap && figureText(ap, null)).toBe('–');
  });
});

describe('modelName', () => {
  it('names the coarse provider where there is no model', () => {
    expect([modelName(3, 'packaged'), modelName(null, 'packaged')]).toEqual(['m3', 'packaged']);
  });
});
