import { describe, expect, it } from 'vitest';
import type { Labels as WireLabels } from '../../../api/types';
import { fromWire } from '../../../model/labels';
import { cropAround, ghostPairs } from './stageGeometry';

const labels = (
  box: [number, number, number, number],
  move: (index: number) => [number, number] | null,
): WireLabels => ({
  box,
  landmarks: Array.from({ length: 68 }, (_, index) => move(index)),
  visibility: Array.from({ length: 68 }, (_, index) => (move(index) ? 0 : 2)),
  age: null,
  gender: null,
  ethnicity: null,
  flags: [],
});
const still = (index: number): [number, number] => [index, 10];

describe('cropAround', () => {
  it('is a square centred on the box', () => {
    expect(cropAround(labels([100, 100, 200, 180], still), null)).toEqual({ x: 65, y: 55, side: 170 });
  });
  it('holds the boxes of both versions', () => {
    const crop = cropAround(labels([0, 0, 100, 100], still), labels([100, 0, 200, 100], still));
    expect(crop).toEqual({ x: -70, y: -120, side: 340 });
  });
});

describe('ghostPairs', () => {
  const before = fromWire(labels([0, 0, 100, 100], still));
  it('leaves out points that moved less than 0.2 % of the root area', () => {
    const now = fromWire(
      labels([0, 0, 100, 100], (i) => (i === 5 ? [5.19, 10] : i === 6 ? [6.3, 10] : still(i))),
    );
    expect(ghostPairs(before, now)).toEqual([{ index: 6, from: { x: 6, y: 10 }, to: { x: 6.3, y: 10 } }]);
  });
  it('keeps points that were taken away', () => {
    const now = fromWire(labels([0, 0, 100, 100], (i) => (i === 3 ? null : still(i))));
    expect(ghostPairs(before, now)).toEqual([{ index: 3, from: { x: 3, y: 10 }, to: null }]);
  });
  it('is empty without landmarks to compare with', () => {
    const none = { ...before, landmarks: null };
    expect(ghostPairs(none, before)).toEqual([]);
  });
});
