import { describe, expect, it } from 'vitest';

import { policy, wireLabels } from './examples';
import { fromWire } from './labels';
import { isConflict, isLargeEnough, remedied, violations } from './policy';

const codes = (changes: Parameters<typeof wireLabels>[0]): string[] =>
  violations(policy, fromWire(wireLabels(changes))).map((one) => one.code);

describe('the policy on the page', () => {
  it('it_accepts_complete_labels', () => {
    expect(codes({ age: 30 })).toEqual([]);
  });

  it('it_names_what_is_missing', () => {
    expect(codes({ landmarks: null, visibility: null, gender: null })).toEqual([
      'landmarks_missing',
      'age_missing',
      'gender_missing',
    ]);
  });

  it('it_refuses_points_on_a_profile_in_the_words_of_the_server', () => {
    const [violation] = violations(policy, fromWire(wireLabels({ age: 30, flags: ['profile'] })));
    expect(violation).toEqual({
      code: 'landmarks_on_profile',
      label: 'landmarks',
      message:
        "A face flagged 'profile' carries no landmark points: remove the landmark points, or clear the flag.",
    });
  });

  it('it_takes_cannot_tell_but_no_unknown_class', () => {
    expect(codes({ age: 3, gender: 'unsure' })).toEqual([]);
    expect(codes({ age: 3, ethnicity: 'martian' })).toEqual(['ethnicity_unknown']);
  });

  it('it_solves_every_conflict_with_one_remedy', () => {
    const labels = fromWire(wireLabels({ age: 30, flags: ['occluded', 'old_flag'], gender: 'robot' }));
    const solved = remedied(policy, labels);
    expect(violations(policy, solved).filter(isConflict)).toEqual([]);
    expect(solved).toMatchObject({ landmarks: null, age: null, gender: null, flags: ['occluded'] });
  });

  it('it_leaves_absent_labels_to_the_person', () => {
    const labels = fromWire(wireLabels({ flags: ['profile'] }));
    expect(violations(policy, remedied(policy, labels)).map((one) => one.code)).toEqual(['age_missing']);
  });

  it('it_offers_only_faces_longer_than_the_minimum', () => {
    expect(isLargeEnough(policy, fromWire(wireLabels({ box: [0, 0, 30, 90] })))).toBe(false);
    expect(isLargeEnough(policy, fromWire(wireLabels({ box: [0, 0, 30.5, 90] })))).toBe(true);
  });
});
