/** What plots are made of: named numbers and their tones. How they are drawn is the business of ui/admin/plots. */

/** A colour by its role; the theme says which one, and a saved file has its own. */
export type Tone =
  | 'accent'
  | 'second'
  | 'third'
  | 'good'
  | 'good-soft'
  | 'bad'
  | 'wait'
  | 'warn'
  | 'idle'
  | 'axis'
  | 'text'
  | 'muted'
  | 'panel'
  | 'jaw'
  | 'brows'
  | 'nose'
  | 'eyes'
  | 'lips';

export interface Bin {
  from: number;
  to: number;
  count: number;
}

export interface Share {
  value: string;
  count: number;
  /** Address of the list behind the number. */
  href?: string | undefined;
}

export interface Segment {
  name: string;
  count: number;
  tone: Tone;
  href?: string | undefined;
}

export interface Curve {
  name: string;
  tone: Tone;
  /** x and y in order of x; what is not a finite number is left out. */
  points: readonly (readonly [number, number])[];
  /** A dot at each value: few values far apart. */
  dots?: boolean;
}

/** A value with its interval; n is how many faces it was measured on. */
export interface Measured {
  value: number;
  low?: number | null;
  high?: number | null;
  n: number;
}

export interface VersionSeries {
  name: string;
  tone: Tone;
  /** One a version, in the order of the names; null where nothing was measured. */
  values: readonly (Measured | null)[];
}

/** A difference with its interval, each row in a unit of its own. */
export interface ForestRow {
  name: string;
  /** Positive: better than what it is compared with. */
  difference: number | null;
  low: number | null;
  high: number | null;
  tone: Tone;
  /** Difference and interval in the unit of the row. */
  text: string;
}

/** A value with its interval on a scale that all rows share. */
export interface IntervalRow {
  name: string;
  value: number | null;
  low: number | null;
  high: number | null;
  tone: Tone;
  text: string;
}

/** At most `most` points: the mean of each stretch of equal length, so that noise does not fill the plot. */
export function thinned(points: readonly (readonly [number, number])[], most: number): [number, number][] {
  if (points.length <= most) return points.map(([x, y]) => [x, y]);
  return Array.from({ length: most }, (_, index) => {
    const part = points.slice(
      Math.floor((index * points.length) / most),
      Math.floor(((index + 1) * points.length) / most),
    );
    const mean = (at: 0 | 1): number => part.reduce((sum, point) => sum + point[at], 0) / part.length;
    return [mean(0), mean(1)];
  });
}

/** Widths proportional to counts that sum to `width`; none above zero is narrower than `least` (the rest shrinks). */
export function segmentWidths(counts: readonly number[], width: number, least: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return counts.map(() => 0);
  const raw = counts.map((count) => (count / total) * width);
  const lifted = raw.map((size) => size > 0 && size < least);
  const taken = lifted.filter(Boolean).length * least;
  const free = raw.reduce((sum, size, index) => sum + (lifted[index] ? 0 : size), 0);
  return raw.map((size, index) => (lifted[index] ? least : free > 0 ? (size / free) * (width - taken) : 0));
}

/** Places at least `gap` apart, in the given order from above, as near as may be to where they want to be. */
export function spread(wanted: readonly number[], gap: number, lowest: number): number[] {
  const places = [...wanted];
  for (let index = 1; index < places.length; index += 1) {
    places[index] = Math.max(places[index] ?? 0, (places[index - 1] ?? 0) + gap);
  }
  let ceiling = lowest;
  for (let index = places.length - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index] ?? 0, ceiling);
    ceiling = (places[index] ?? 0) - gap;
  }
  return places;
}

/** An axis begins at 0 where the values begin near it, and near the values where they are far from it. */
export const beginsAtZero = (values: readonly number[]): boolean =>
  values.length === 0 || (Math.min(...values) >= 0 && Math.min(...values) <= 0.5 * Math.max(...values));

/** Three significant digits without an exponent: 0.0123, 4.56, 789. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const text = value.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
