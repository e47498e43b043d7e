import { describe, expect, it } from 'vitest';

import { Day, NOTHING, utcOffset } from './day';

describe('the day of a person', () => {
  it('it_tells_the_count_against_the_goal_where_there_is_one', () => {
    const day = new Day();
    expect(day.sentence).toBe('Today 0');
    day.read({ today: { ...NOTHING, annotate: 30, check: 3 }, goal: 60 });
    day.count('check', 1);
    expect(day.sentence).toBe('34 of 60 today');
  });

  it('it_never_counts_below_nothing', () => {
    const day = new Day();
    day.count('sweep', -1);
    expect(day.total).toBe(0);
  });

  it('it_tells_how_far_the_clock_is_ahead_of_utc', () => {
    const now = new Date();
    now.getTimezoneOffset = () => -480;
    expect(utcOffset(now)).toBe(480);
  });
});
