import { describe, expect, it } from 'vitest';

import { beginsAtZero, segmentWidths, shortNumber, spread, thinned } from './series';

describe('spread', () => {
  it('leaves places that are far enough apart', () => {
    expect(spread([10, 40, 90], 13, 100)).toEqual([10, 40, 90]);
  });
  it('pushes close places apart and not below the floor', () => {
    expect(spread([10, 12, 50], 13, 100)).toEqual([10, 23, 50]);
    expect(spread([95, 97, 99], 13, 100)).toEqual([74, 87, 100]);
  });
});

describe('thinned', () => {
  it('keeps few points as they are', () => {
    expect(thinned([[1, 2]], 4)).toEqual([[1, 2]]);
  });
  it('takes the mean of each stretch of many', () => {
    const points = [1, 2, 3, 4].map((x): [number, number] => [x, 10 * x]);
    expect(thinned(points, 2)).toEqual([
      [1.5, 15],
      [3.5, 35],
    ]);
  });
});

describe('segmentWidths', () => {
  it('fills the width in proportion', () => {
    expect(segmentWidths([1, 3], 400, 2)).toEqual([100, 300]);
  });
  it('keeps a rare state visible without growing beyond the bar', () => {
    expect(segmentWidths([1, 9999, 0], 100, 2)).toEqual([2, 98, 0]);
  });
  it('is all zero when nothing is counted', () => {
    expect(segmentWidths([0, 0], 100, 2)).toEqual([0, 0]);
  });
});

describe('beginsAtZero', () => {
  it('does where the values begin near zero, and not far from it or below', () => {
    expect(beginsAtZero([0.1, 0.9])).toBe(true);
    expect(beginsAtZero([90, 96])).toBe(false);
    expect(beginsAtZero([-2, 3])).toBe(false);
    expect(beginsAtZero([])).toBe(true);
  });
});

describe('shortNumber', () => {
  it('keeps three digits without an exponent', () => {
    expect([0, 0.01234, 1.5, 12.34, 789.6, 12345].map(shortNumber)).toEqual([
      '0',
      '0.0123',
      '1.5',
      '12.3',
      '790',
      '12345',
    ]);
  });
});
