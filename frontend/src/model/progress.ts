/** What the progress page works out from its numbers: the forecast in words, the pace as a chart, who checks whom. */

import type { Progress } from '../api/types';
import { niceTicks, type Chart, type ChartSize, type Mark } from './charts';
import { countOf, countText, dayText } from './words';

export type Forecast = Progress['forecast'];
export type Day = Progress['days'][number];
export type PersonLine = Progress['people'] extends (infer Line)[] | null ? Line : never;
export type Pair = Progress['pairs'] extends (infer Line)[] | null ? Line : never;

export const DAYS_IN_CHART = 56;
const DAY_MS = 86_400_000;
const round = (value: number): number => Math.round(value * 100) / 100;

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

const FOOT = 20;
const TOP = 8;
const LEFT = 44;

/** A bar a day, and a dashed line at the pace that the forecast goes by (over its days). */
export function paceChart(title: string, days: readonly Day[], forecast: Forecast, size: ChartSize): Chart {
  const highest = Math.max(0, ...days.map(passesOf));
  const ticks = niceTicks(highest, 3);
  const top = ticks.at(-1) ?? 1;
  const floor = size.height - FOOT;
  const yOf = (value: number): number => round(floor - (value / top) * (floor - TOP));
  const step = (size.width - LEFT) / Math.max(1, days.length);
  const marks: Mark[] = ticks.flatMap((tick): Mark[] => [
    {
      kind: 'line',
      tone: 'axis',
      points: [
        [LEFT, yOf(tick)],
        [size.width, yOf(tick)],
      ],
    },
    { kind: 'text', tone: 'muted', text: countText(tick), x: LEFT - 8, y: yOf(tick) + 4, anchor: 'end' },
  ]);
  days.forEach((day, index) => {
    const passes = passesOf(day);
    const x = round(LEFT + index * step);
    marks.push({
      kind: 'rect',
      tone: 'accent',
      x,
      y: yOf(passes),
      width: round(Math.max(1, step - 2)),
      height: round(floor - yOf(passes)),
      label: `${dayText(day.day)}: ${countOf(passes, 'pass', 'passes')} by ${countOf(day.people, 'person', 'people')}`,
    });
    if (new Date(day.day).getUTCDay() === 1 && x + 34 < size.width) {
      const monday = dayText(day.day);
      if (index % 14 < 7)
        marks.push({ kind: 'text', tone: 'muted', text: monday, x, y: size.height - 4, anchor: 'start' });
    }
  });
  if (forecast.state === 'estimated' && forecast.days > 0) {
    // The days observed end yesterday.
    const from = Math.max(0, days.length - 1 - forecast.days);
    marks.push({
      kind: 'line',
      tone: 'third',
      dashed: true,
      points: [
        [round(LEFT + from * step), yOf(forecast.pace)],
        [round(LEFT + (days.length - 1) * step), yOf(forecast.pace)],
      ],
      label: `Pace of the forecast: ${countText(Math.round(forecast.pace))} passes a day`,
    });
  }
  const total = days.reduce((sum, day) => sum + passesOf(day), 0);
  const summary = `${title}: ${countOf(total, 'pass', 'passes')} in ${countOf(days.length, 'day')}.`;
  return { title, summary, ...size, marks };
}

/** Points of a small curve through values from 0 up, in a box of the given size; nothing for fewer than two. */
export function sparkPoints(values: readonly number[], width: number, height: number): string {
  if (values.length < 2) return '';
  const top = Math.max(1, ...values);
  return values
    .map((value, index) => {
      const x = round((index / (values.length - 1)) * width);
      return `${x},${round(height - (value / top) * height)}`;
    })
    .join(' ');
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
