import { describe, expect, it } from 'vitest';
import type { Overview } from '../../../api/types';
import { passSegments } from './passSegments';

const overview = (passes: Overview['passes']): Overview => ({
  images: { total: 4, prelabelled: 4, prelabel_failed: 0, swept: 0, rejected: 0, complete: 0 },
  faces: {
    total: 21,
    by_state: { waiting: 8, checking: 5, disputed: 1, accepted: 6, rejected: 0, too_small: 1 },
    blocked: 0,
  },
  passes,
  distributions: { age: [], face_size: [], gender: [], ethnicity: [], flags: [] },
  edits: [],
  jobs: [],
  near_duplicates_open: 0,
  imports: 1,
});

describe('passSegments', () => {
  it('counts each offered face once, the last check first', () => {
    const segments = passSegments(
      overview([
        { kind: 'annotate', pass_number: 0, open: 7, leased: 1, done: 12 },
        { kind: 'check', pass_number: 1, open: 2, leased: 1, done: 8 },
        { kind: 'check', pass_number: 2, open: 1, leased: 1, done: 6 },
        { kind: 'sweep', pass_number: 0, open: 4, leased: 0, done: 0 },
      ]),
      '/list',
    );
    expect(segments.map((one) => [one.name, one.count])).toEqual([
      ['accepted', 6],
      ['check 2', 2],
      ['check 1', 3],
      ['adjudicate', 1],
      ['waiting', 8],
    ]);
    expect(segments.reduce((sum, one) => sum + one.count, 0)).toBe(20);
  });
  it('shows faces in checking even where no check is reported', () => {
    const names = passSegments(overview([]), '/list').map((one) => one.name);
    expect(names).toEqual(['accepted', 'checking', 'adjudicate', 'waiting']);
  });
});
