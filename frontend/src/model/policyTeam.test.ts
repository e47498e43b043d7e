import { describe, expect, it } from 'vitest';

import { policy } from './examples';
import { suggestedRegions } from './policyFields';
import { teamWarnings } from './policyTeam';

const people = (...roles: ('annotator' | 'adjudicator' | 'admin' | 'researcher')[]) =>
  roles.map((role) => ({ role, is_active: true }));

describe('teamWarnings', () => {
  it('it_is_silent_where_somebody_is_left_to_decide', () => {
    expect(teamWarnings(policy, people('annotator', 'annotator', 'annotator', 'admin'))).toEqual([]);
  });

  it('it_names_how_many_a_face_needs', () => {
    expect(teamWarnings(policy, people('annotator', 'admin', 'researcher'))).toEqual([
      'This team has 2 active people; a face needs 3. Its last check will be listed as blocked: add people or ask for 1 check.',
    ]);
  });

  it('it_lets_one_person_work_alone_without_checks', () => {
    expect(teamWarnings({ ...policy, checks: 0 }, people('admin'))).toEqual([]);
  });

  it('it_does_not_count_who_is_deactivated', () => {
    const two = [...people('admin', 'annotator'), { role: 'annotator' as const, is_active: false }];
    expect(teamWarnings({ ...policy, checks: 1 }, two)).toEqual([
      'This team has 2 active people, and a face needs all of them: nobody is left to decide when they differ.',
    ]);
  });

  it('it_says_when_disputes_have_no_judge', () => {
    expect(teamWarnings({ ...policy, checks: 1 }, people('annotator', 'annotator', 'annotator'))).toEqual([
      'Nobody active may decide disputes: give somebody the role of adjudicator.',
    ]);
  });

  it('it_says_how_many_ages_the_team_can_give', () => {
    const asking = { ...policy, checks: 1, age_error_max: 1.5, age_people_max: 6 };
    expect(teamWarnings(asking, people('admin', 'annotator', 'annotator'))).toEqual([
      'This team has 3 active people, so a face gets at most 3 ages, not 6.',
    ]);
  });
});

describe('suggestedRegions', () => {
  it('it_gives_tolerances_whose_mean_over_the_points_is_the_whole_faces', () => {
    const limits = suggestedRegions(0.05);
    const mean =
      (17 * (limits.jaw ?? 0) +
        10 * (limits.brows ?? 0) +
        9 * (limits.nose ?? 0) +
        12 * (limits.eyes ?? 0) +
        20 * (limits.lips ?? 0)) /
      68;
    expect(mean).toBeCloseTo(0.05, 3);
    expect(limits.eyes).toBeLessThan(limits.jaw ?? 0);
  });
});
