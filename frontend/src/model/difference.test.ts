import { describe, expect, it } from 'vitest';

import { changedPoints, changesBetween } from './difference';
import { wireLabels } from './examples';
import { fromWire } from './labels';

const before = fromWire(wireLabels());
const textOf = (after: Parameters<typeof wireLabels>[0], part: string): string | undefined =>
  changesBetween(before, fromWire(wireLabels(after))).find((change) => change.part === part)?.text;

describe('changes between two versions', () => {
  it('it_says_unchanged_for_every_part', () => {
    const changes = changesBetween(before, before);
    expect(changes.every((change) => !change.changed)).toBe(true);
    expect(changes.map((change) => change.part)).toEqual([
      ...['jaw', 'brows', 'nose', 'eyes', 'lips'],
      ...['box', 'gender', 'ethnicity', 'flags'],
    ]);
  });

  it('it_gives_the_mean_distance_of_moved_points_over_the_root_of_the_box_area', () => {
    const landmarks =
      wireLabels().landmarks?.map((p, i) => (p && (i === 8 || i === 7) ? [p[0] + 2, p[1]] : p)) ?? null;
    const after = fromWire(wireLabels({ landmarks: landmarks as [number, number][] }));
    const changes = changesBetween(before, after);
    expect(changes[0]).toMatchObject({ text: '2 points, 2.0 %', points: [7, 8] });
    expect(changedPoints(changes)).toBe(2);
  });

  it('it_tells_points_that_went_or_are_hidden', () => {
    const visibility = wireLabels().visibility?.map((v, i) => (i === 36 ? 1 : v)) ?? null;
    expect(textOf({ visibility }, 'eyes')).toBe('1 point hidden, removed or put back');
  });

  it('it_tells_all_landmarks_gone', () => {
    expect(textOf({ landmarks: null, visibility: null }, 'landmarks')).toBe('removed');
  });

  it('it_tells_box_attributes_and_flags', () => {
    expect(textOf({ box: [100, 100, 200, 150] }, 'box')).toBe('overlap 50.0 %');
    expect(textOf({ gender: 'male' }, 'gender')).toBe('female → male');
    expect(textOf({ flags: ['profile'] }, 'flags')).toBe('+ profile');
  });
});
