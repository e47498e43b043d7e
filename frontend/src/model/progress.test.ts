import { describe, expect, it } from 'vitest';
import { filledDays, forecastWords, pairMatrix, type Day, type Forecast, type PersonLine } from './progress';

const NOW = new Date('2026-06-01T12:00:00Z');
const FORECAST: Forecast = {
  state: 'estimated',
  remaining: 1200,
  pace: 99.6,
  days: 28,
  active_days: 20,
  low: '2026-06-11',
  middle: '2026-06-13',
  high: '2026-06-18',
  confidence: 0.9,
  least_active_days: 5,
};
const day = (iso: string, annotate: number): Day => ({
  day: iso,
  annotate,
  check: 1,
  adjudicate: 0,
  sweep: 0,
  active_hours: 1,
  people: 2,
});
const person = (user_id: number, name: string): PersonLine => ({
  user_id,
  username: `user${user_id}`,
  name,
  role: 'annotator',
  is_active: true,
  leased: 0,
  annotate: 0,
  check: 0,
  adjudicate: 0,
  sweep: 0,
  passes: 0,
  active_hours: 0,
  faces_per_active_hour: null,
  first_day: null,
  last_day: null,
  weeks: [],
  weeks_per_hour: [],
});

describe('forecastWords', () => {
  it('names the day, its interval and what they rest on', () => {
    expect(forecastWords(FORECAST, NOW)).toEqual({
      headline: 'Done about 13 Jun, between 11 Jun and 18 Jun',
      why: '1,200 passes left at 100 a day; 90 % interval from 28 days, 20 of them with work.',
    });
  });
  it('does not guess from a few days', () => {
    const few = forecastWords({ ...FORECAST, state: 'too_few_days', active_days: 1 }, NOW);
    expect(few.headline).toBe('1,200 passes left');
    expect(few.why).toBe('No forecast yet: 1 day with work in the last four weeks, and it takes 5 to tell.');
  });
  it('says so when a bound is years away', () => {
    expect(forecastWords({ ...FORECAST, high: null }, NOW).headline).toBe(
      'Not before 11 Jun, perhaps not within five years',
    );
    const never = { ...FORECAST, low: null, middle: null, high: null };
    expect(forecastWords(never, NOW).headline).toBe('Not within five years');
  });
  it('says when nothing is left', () => {
    expect(forecastWords({ ...FORECAST, state: 'finished' }, NOW).headline).toBe('Nothing is left');
  });
});

describe('filledDays', () => {
  it('puts days without work between those with', () => {
    const filled = filledDays([day('2026-05-30', 3)], '2026-06-01', 4);
    expect(filled.map((one) => [one.day, one.annotate])).toEqual([
      ['2026-05-29', 0],
      ['2026-05-30', 3],
      ['2026-05-31', 0],
      ['2026-06-01', 0],
    ]);
  });
});

describe('pairMatrix', () => {
  it('lists authors and checkers as the members are listed', () => {
    const pairs = [
      { author_id: 1, checker_id: 3, checks: 4, corrected: 1 },
      { author_id: 2, checker_id: 1, checks: 5, corrected: 0 },
    ];
    const matrix = pairMatrix(pairs, [person(2, 'Bo'), person(1, '')]);
    expect(matrix.authors.map((one) => one.name)).toEqual(['Bo', 'user1']);
    expect(matrix.checkers.map((one) => one.name)).toEqual(['user1', 'Person 3']);
    expect(matrix.cellOf(1, 3)?.checks).toBe(4);
    expect(matrix.cellOf(2, 3)).toBeUndefined();
  });
});
