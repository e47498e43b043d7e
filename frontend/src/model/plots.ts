/** Charts of measured values: curves over steps, values of each model version with intervals, a forest plot. */

import { niceTicks, type Chart, type ChartSize, type Mark, type Tone } from './charts';

export interface Curve {
  name: string;
  tone: Tone;
  /** x and y in order of x; what is not a finite number is left out. */
  points: readonly (readonly [number, number])[];
  /** Dots instead of a line: few values far apart. */
  dots?: boolean;
}

export interface CurveOptions {
  /** Name of the x axis, written before its zero. */
  xName?: string;
  formatX?: (value: number) => string;
  formatY?: (value: number) => string;
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

const FOOT = 24;
const HEAD = 10;
const LEFT = 48;
const LABEL_GAP = 13;
const round = (value: number): number => Math.round(value * 100) / 100;
/** About the width of a text of 11 px, for leaving room beside the plot. */
const textWidth = (text: string): number => text.length * 6.1;

/** Ticks that enclose the values: from 0 if they begin near it, else from a round number below the least. */
export function axisTicks(low: number, high: number, most = 4): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : axisTicks(Math.min(0, 2 * low), Math.max(0, 2 * high), most);
  if (low >= 0 && low <= 0.5 * high) return niceTicks(high, most);
  const step = niceTicks(high - low, most)[1] ?? high - low;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
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

function gridMarks(
  ticks: number[],
  yOf: (value: number) => number,
  right: number,
  format: (v: number) => string,
) {
  return ticks.flatMap((tick): Mark[] => [
    {
      kind: 'line',
      tone: 'axis',
      points: [
        [LEFT, yOf(tick)],
        [right, yOf(tick)],
      ],
    },
    { kind: 'text', tone: 'muted', text: format(tick), x: LEFT - 8, y: yOf(tick) + 4, anchor: 'end' },
  ]);
}

/** Names of the series at the right ends of their lines, pushed apart where they would touch. */
function endLabels(ends: { name: string; tone: Tone; y: number }[], x: number, floor: number): Mark[] {
  const sorted = ends.toSorted((one, other) => one.y - other.y);
  const places = spread(
    sorted.map((end) => Math.max(HEAD, end.y)),
    LABEL_GAP,
    floor,
  );
  return sorted.map((end, index) => ({
    kind: 'text',
    tone: end.tone,
    text: end.name,
    x,
    y: round((places[index] ?? end.y) + 4),
    anchor: 'start',
  }));
}

/** Lines over a numeric x (training steps); each line carries its name at its end. */
export function curvePlot(
  title: string,
  curves: Curve[],
  size: ChartSize,
  options: CurveOptions = {},
): Chart {
  const { xName = 'step', formatX = (x) => x.toLocaleString('en'), formatY = shortNumber } = options;
  const finite = curves.map((curve) => ({
    ...curve,
    points: curve.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
  }));
  const all = finite.flatMap((curve) => curve.points);
  const ys = all.map(([, y]) => y);
  const xs = all.map(([x]) => x);
  const ticks = axisTicks(Math.min(...ys), Math.max(...ys));
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const first = all.length > 0 ? Math.min(...xs, 0) : 0;
  const xTicks = niceTicks(Math.max(1, ...xs), Math.max(2, Math.floor(size.width / 110)));
  const last = Math.max(1, ...xs);
  const named = finite.filter((curve) => curve.points.length > 0);
  const room = Math.max(16, ...named.map((curve) => textWidth(curve.name) + 12));
  const right = size.width - room;
  const floor = size.height - FOOT;
  const xOf = (x: number): number => round(LEFT + ((x - first) / (last - first)) * (right - LEFT));
  const yOf = (y: number): number => round(floor - ((y - low) / (high - low)) * (floor - HEAD));
  const marks = gridMarks(ticks, yOf, right, formatY);
  for (const tick of xTicks.filter((one) => one <= last)) {
    marks.push({
      kind: 'text',
      tone: 'muted',
      text: tick === 0 ? `${xName} ${formatX(tick)}` : formatX(tick),
      x: xOf(tick),
      y: size.height - 8,
      anchor: 'middle',
    });
  }
  for (const curve of named) {
    const points = thinned(curve.points, Math.max(2, Math.floor((right - LEFT) / 2)));
    if (points.length > 1) {
      marks.push({ kind: 'line', tone: curve.tone, points: points.map(([x, y]) => [xOf(x), yOf(y)]) });
    }
    if (curve.dots || points.length === 1) {
      for (const [x, y] of points) {
        const label = `${curve.name}, ${xName} ${formatX(x)}: ${formatY(y)}`;
        marks.push({ kind: 'dot', tone: curve.tone, x: xOf(x), y: yOf(y), radius: 3, label });
      }
    }
  }
  const ends = named.map((curve) => ({
    name: curve.name,
    tone: curve.tone,
    y: yOf(curve.points.at(-1)?.[1] ?? low),
  }));
  marks.push(...endLabels(ends, right + 8, floor));
  const told = named.map((curve) => `${curve.name} ${formatY(curve.points.at(-1)?.[1] ?? 0)}`);
  return { title, summary: `${title}, latest: ${told.join(', ') || 'nothing yet'}.`, ...size, marks };
}

export interface VersionOptions {
  format?: (value: number) => string;
  /** For the axis, where fewer digits do. */
  formatTick?: (value: number) => string;
  /** The axis may begin near the values: for shares that hardly leave 1. */
  isCropped?: boolean;
}

/** Values of each version in order with their intervals as whiskers; y from 0 unless cropped. */
export function versionPlot(
  title: string,
  names: string[],
  series: VersionSeries[],
  size: ChartSize,
  options: VersionOptions = {},
): Chart {
  const { format = shortNumber, formatTick = shortNumber, isCropped = false } = options;
  const measured = series.flatMap((one) => one.values.flatMap((value) => (value ? [value] : [])));
  const bounds = measured.flatMap((one) => [one.value, one.low ?? one.value, one.high ?? one.value]);
  const ends = isCropped ? bounds : [0, ...bounds];
  const ticks = axisTicks(Math.min(...ends), Math.max(...ends), 3);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const many = series.length > 1;
  const room = many ? Math.max(16, ...series.map((one) => textWidth(one.name) + 16)) : 16;
  const right = size.width - room;
  const floor = size.height - FOOT;
  const step = names.length > 0 ? (right - LEFT) / names.length : right - LEFT;
  const xOf = (index: number): number => round(LEFT + (index + 0.5) * step);
  const yOf = (y: number): number => round(floor - ((y - low) / (high - low || 1)) * (floor - HEAD));
  const marks = gridMarks(ticks, yOf, right, formatTick);
  const every = Math.max(1, Math.ceil((Math.max(0, ...names.map(textWidth)) + 8) / step));
  names.forEach((name, index) => {
    if (index % every === 0 || index === names.length - 1) {
      marks.push({
        kind: 'text',
        tone: 'muted',
        text: name,
        x: xOf(index),
        y: size.height - 6,
        anchor: 'middle',
      });
    }
  });
  const told: string[] = [];
  series.forEach((one, row) => {
    const shift = many ? (row - (series.length - 1) / 2) * Math.min(5, step / (series.length + 2)) : 0;
    const line = one.values.flatMap((value, index): [number, number][] =>
      value ? [[round(xOf(index) + shift), yOf(value.value)]] : [],
    );
    if (line.length > 1) marks.push({ kind: 'line', tone: one.tone, points: line });
    one.values.forEach((value, index) => {
      if (!value) return;
      const x = round(xOf(index) + shift);
      const between = typeof value.low === 'number' && typeof value.high === 'number';
      const interval = between
        ? ` (95 % interval ${format(value.low ?? 0)} to ${format(value.high ?? 0)})`
        : '';
      const faces = `${value.n.toLocaleString('en')} face${value.n === 1 ? '' : 's'}`;
      const label = `${many ? `${one.name}, ` : ''}${names[index] ?? ''}: ${format(value.value)}${interval}, ${faces}`;
      if (between) {
        const points: [number, number][] = [
          [x, yOf(value.low ?? 0)],
          [x, yOf(value.high ?? 0)],
        ];
        marks.push({ kind: 'line', tone: one.tone, points, thin: true });
      }
      marks.push({ kind: 'dot', tone: one.tone, x, y: yOf(value.value), radius: 4, label });
      told.push(label);
    });
  });
  if (many) {
    const named = series.flatMap((one) => {
      const end = one.values.findLast((value) => value !== null);
      return end ? [{ name: one.name, tone: one.tone, y: yOf(end.value) }] : [];
    });
    marks.push(...endLabels(named, right + 8, floor));
  }
  return { title, summary: `${title}: ${told.join('; ') || 'nothing measured yet'}.`, ...size, marks };
}

/** One row a difference with its interval around the line of "no difference"; each row has its own scale. */
export function forestPlot(title: string, rows: ForestRow[], width: number): Chart {
  const row = 28;
  const top = 20;
  const nameWidth = Math.max(60, ...rows.map((one) => textWidth(one.name))) + 12;
  const valueWidth = Math.max(60, ...rows.map((one) => textWidth(one.text))) + 12;
  const left = nameWidth;
  const right = Math.max(left + 60, width - valueWidth);
  const centre = round((left + right) / 2);
  const half = (right - left) / 2 - 6;
  const height = top + rows.length * row + 4;
  const marks: Mark[] = [
    { kind: 'text', tone: 'muted', text: '← worse', x: centre - 8, y: 12, anchor: 'end' },
    { kind: 'text', tone: 'muted', text: 'better →', x: centre + 8, y: 12, anchor: 'start' },
    {
      kind: 'line',
      tone: 'muted',
      thin: true,
      dashed: true,
      points: [
        [centre, top],
        [centre, height],
      ],
    },
  ];
  rows.forEach((one, index) => {
    const y = top + (index + 0.5) * row;
    marks.push({ kind: 'text', tone: 'text', text: one.name, x: 0, y: y + 4, anchor: 'start' });
    marks.push({ kind: 'text', tone: 'text', text: one.text, x: width, y: y + 4, anchor: 'end' });
    if (one.difference === null) return;
    const [low, high] = [one.low ?? one.difference, one.high ?? one.difference];
    const most = Math.max(Math.abs(one.difference), Math.abs(low), Math.abs(high)) || 1;
    const xOf = (value: number): number => round(centre + (value / most) * half);
    marks.push({
      kind: 'line',
      tone: one.tone,
      points: [
        [xOf(low), y],
        [xOf(high), y],
      ],
    });
    for (const end of [low, high]) {
      const points: [number, number][] = [
        [xOf(end), y - 4],
        [xOf(end), y + 4],
      ];
      marks.push({ kind: 'line', tone: one.tone, thin: true, points });
    }
    const label = `${one.name}: ${one.text}`;
    marks.push({ kind: 'dot', tone: one.tone, x: xOf(one.difference), y, radius: 4.5, label });
  });
  const told = rows.map((one) => `${one.name} ${one.text}`);
  return { title, summary: `${title}: ${told.join('; ') || 'nothing compared'}.`, width, height, marks };
}

/** Three significant digits without an exponent: 0.0123, 4.56, 789. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const text = value.toFixed(digits);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
