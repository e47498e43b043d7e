/** What the progress page works out from its numbers: the forecast in words, the pace as a chart, who checks whom. */

import type { Progress } from '../api/types';
import { countOf, countText, dayText } from './words';

export type Forecast = Progress['forecast'];
export type Day = Progress['days'][number];
export type PersonLine = Progress['people'] extends (infer Line)[] | null ? Line : never;
export type Pair = Progress['pairs'] extends (infer Line)[] | null ? Line : never;

export const DAYS_IN_CHART = 56;
const DAY_MS = 86_400_000;

/** Passes of a day, without gold. */
export const passesOf = (day: Day): number => day.annotate + day.check + day.adjudicate + day.sweep;

/** The forecast as a headline and a sentence that says what it rests on. */
export function forecastWords(forecast: Forecast, now: Date = new Date()): { headline: string; why: string } {
  const left = `${countOf(forecast.remaining, 'pass', 'passes')} left`;
  if (forecast.state === 'finished') {
    return { headline: 'Nothing is left', why: 'Every known face and image is finished.' };
  }
  if (forecast.state === 'too_few_days') {
    const so = `${countOf(forecast.active_days, 'day')} with work in the last four weeks`;
    return {
      headline: left,
      why: `No forecast yet: ${so}, and it takes ${forecast.least_active_days} to tell.`,
    };
  }
  const pace = `${left} at ${countText(Math.round(forecast.pace))} a day`;
  const sure = `${Math.round(100 * forecast.confidence)} % interval`;
  const over = `from ${countOf(forecast.days, 'day')}, ${forecast.active_days} of them with work`;
  const day = (iso: string): string => dayText(iso, now);
  const why = `${pace}; ${sure} ${over}.`;
  if (forecast.low === null) return { headline: 'Not within five years', why };
  if (forecast.middle === null || forecast.high === null) {
    return { headline: `Not before ${day(forecast.low)}, perhaps not within five years`, why };
  }
  if (forecast.low === forecast.high) return { headline: `Done on ${day(forecast.middle)}`, why };
  const between = `between ${day(forecast.low)} and ${day(forecast.high)}`;
  return { headline: `Done about ${day(forecast.middle)}, ${between}`, why };
}

/** Every day of the last `count` until `today` (ISO dates, UTC), those without work too. */
export function filledDays(days: readonly Day[], today: string, count = DAYS_IN_CHART): Day[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const end = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(end - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    const nothing = { day, annotate: 0, check: 0, adjudicate: 0, sweep: 0, active_hours: 0, people: 0 };
    return known.get(day) ?? nothing;
  });
}

/** "6 weeks ago" to now in words, for people who do not see the curve. */
export function trendText(person: PersonLine): string {
  const speeds = person.weeks_per_hour.filter((speed) => speed !== null);
  const last = speeds.at(-1);
  const passes = `Passes by week: ${person.weeks.join(', ')}`;
  return last === undefined ? passes : `${passes}. Last week with times: ${Math.round(last)} faces an hour`;
}

export interface PairMatrix {
  /** People who were checked, and people who checked, by the order of the members. */
  authors: { id: number; name: string }[];
  checkers: { id: number; name: string }[];
  cellOf: (author: number, checker: number) => Pair | undefined;
}

/** Who checked whom as a table; people who are no members any more have their number for a name. */
export function pairMatrix(pairs: readonly Pair[], people: readonly PersonLine[]): PairMatrix {
  const place = new Map(people.map((person, index) => [person.user_id, index]));
  const names = new Map(people.map((person) => [person.user_id, person.name || person.username]));
  const cells = new Map(pairs.map((pair) => [`${pair.author_id} ${pair.checker_id}`, pair]));
  const listed = (ids: number[]): { id: number; name: string }[] =>
    [...new Set(ids)]
      .toSorted(
        (one, other) =>
          (place.get(one) ?? people.length) - (place.get(other) ?? people.length) || one - other,
      )
      .map((id) => ({ id, name: names.get(id) ?? `Person ${id}` }));
  return {
    authors: listed(pairs.map((pair) => pair.author_id)),
    checkers: listed(pairs.map((pair) => pair.checker_id)),
    cellOf: (author, checker) => cells.get(`${author} ${checker}`),
  };
}
