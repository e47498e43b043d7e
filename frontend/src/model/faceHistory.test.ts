import { describe, expect, it } from 'vitest';
import type { Labels, RevisionRow } from '../api/types';
import { differenceByPart, mayCheckAgain, restoreConsequence, roundsOf, versionTitle } from './faceHistory';

const labels = (more: Partial<Labels> = {}): Labels => ({
  box: [100, 100, 200, 200],
  landmarks: null,
  visibility: null,
  age: null,
  gender: 'female',
  ethnicity: null,
  flags: [],
  ...more,
});
const version = (id: number, round: number, more: Partial<RevisionRow> = {}): RevisionRow => ({
  id,
  parent: null,
  kind: 'check',
  round,
  author: 'Ann',
  made_by: '',
  created_at: '2026-05-04T12:00:00Z',
  labels: labels(),
  comment: '',
  changes: [],
  policy_version: 1,
  pass_number: null,
  ...more,
});

describe('versionTitle', () => {
  it('says which check of its round it was', () => {
    expect(versionTitle({ kind: 'check', pass_number: 2 })).toBe('Check 2');
    expect(versionTitle({ kind: 'check', pass_number: null })).toBe('Check');
  });
  it('has plain words for versions that nobody drew', () => {
    expect(versionTitle({ kind: 'aggregate', pass_number: null })).toBe('Combined from several people');
    expect(versionTitle({ kind: 'restore', pass_number: null })).toBe('Restored version');
    expect(versionTitle({ kind: 'side', pass_number: null })).toBe('Side version, too late to count');
  });
});

describe('roundsOf', () => {
  it('puts the newest round and version first and tells the policies', () => {
    const chain = [
      version(1, 1, { policy_version: null }),
      version(2, 1, { policy_version: 3 }),
      version(3, 1, { policy_version: 2 }),
      version(4, 2),
    ];
    expect(
      roundsOf(chain).map((one) => [one.round, one.versions.map((each) => each.id), one.policies]),
    ).toEqual([
      [2, [4], [1]],
      [1, [3, 2, 1], [2, 3]],
    ]);
  });
});

describe('differenceByPart', () => {
  it('shows both values of every part and what changed', () => {
    const rows = differenceByPart(
      labels({ age: 20 }),
      labels({ box: [100, 100, 200, 250], gender: 'male', flags: ['occluded'], age: 25 }),
    );
    const by = Object.fromEntries(rows.map((one) => [one.part, one]));
    expect(by.gender).toMatchObject({
      before: 'female',
      after: 'male',
      change: 'female → male',
      changed: true,
    });
    expect(by.box).toMatchObject({ before: '100 × 100 px at 100, 100', after: '100 × 150 px at 100, 100' });
    expect(by.box?.change).toBe('overlap 66.7 %');
    expect(by.flags).toMatchObject({ before: 'none', after: 'occluded', changed: true });
    expect(by.ethnicity).toMatchObject({ change: 'unchanged', changed: false });
    expect(by.age).toMatchObject({ before: '20', after: '25', change: '+5 years' });
  });
  it('counts the points that each version has placed, by region', () => {
    const points = Array.from({ length: 68 }, (_, i) => [100 + i, 120] as [number, number]);
    const visibility = Array.from({ length: 68 }, () => 0);
    const after = labels({ landmarks: points, visibility });
    const before = labels({
      landmarks: points.map((point, i) => (i === 36 ? null : point)),
      visibility: visibility.map((state, i) => (i === 36 ? 2 : state)),
    });
    const eyes = differenceByPart(before, after).find((one) => one.part === 'eyes');
    expect(eyes).toMatchObject({ before: '11 points', after: '12 points', changed: true });
    const whole = differenceByPart(labels(), after).find((one) => one.part === 'landmarks');
    expect(whole).toMatchObject({ before: 'none', after: '68 points', change: 'added' });
  });
  it('says nothing about an age that one side does not show', () => {
    expect(differenceByPart(labels({ age: 20 }), labels()).some((one) => one.part === 'age')).toBe(false);
  });
});

describe('restoreConsequence', () => {
  it('says that an accepted face stays accepted, or that a round begins', () => {
    const face = { state: 'accepted', holder: null } as const;
    expect(restoreConsequence(face, false, 3)).toMatch(/^The face stays accepted/);
    expect(restoreConsequence(face, true, 3)).toMatch(/^A new round begins with this version: 3 passes/);
    expect(mayCheckAgain('accepted')).toBe(true);
  });
  it('names who holds a face that is in work', () => {
    expect(mayCheckAgain('checking')).toBe(false);
    expect(restoreConsequence({ state: 'checking', holder: 'Ann' }, false, 3)).toContain(
      'Ann works on it now',
    );
    expect(restoreConsequence({ state: 'waiting', holder: null }, false, 3)).toContain(
      'Whoever takes it next',
    );
  });
});
