/**
 * Charts as data: each function turns numbers into a list of marks in the chart's own coordinates (viewBox units,
 * y down). A component draws the marks; `chartSvg` writes the same marks as a file that stands alone.
 */

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
  | 'jaw'
  | 'brows'
  | 'nose'
  | 'eyes'
  | 'lips';

interface MarkBase {
  tone: Tone;
  /** Shown as a tooltip and read aloud. */
  label?: string | undefined;
  /** Address of the list behind the number. */
  href?: string | undefined;
}
export interface RectMark extends MarkBase {
  kind: 'rect';
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface TextMark extends MarkBase {
  kind: 'text';
  x: number;
  y: number;
  text: string;
  anchor: 'start' | 'middle' | 'end';
}
export interface LineMark extends MarkBase {
  kind: 'line';
  points: [number, number][];
  dashed?: boolean;
  /** A hairline instead of a line of 2 units. */
  thin?: boolean;
}
export interface DotMark extends MarkBase {
  kind: 'dot';
  x: number;
  y: number;
  radius: number;
  /** Only its rim is drawn. */
  hollow?: boolean;
}
/** A filled outline, pale: the room between two bounds. */
export interface AreaMark extends MarkBase {
  kind: 'area';
  points: [number, number][];
}
export type Mark = RectMark | TextMark | LineMark | DotMark | AreaMark;

export interface Chart {
  title: string;
  /** One sentence that says what the chart shows, for people who do not see it. */
  summary: string;
  width: number;
  height: number;
  marks: Mark[];
}

export interface Bin {
  from: number;
  to: number;
  count: number;
}
export interface Share {
  value: string;
  count: number;
  href?: string | undefined;
}
export interface Point {
  name: string;
  value: number | null;
  n: number;
}
export interface ChartSize {
  width: number;
  height: number;
}

const LABEL_HEIGHT = 18;
const TOP = 16;
const round = (value: number): number => Math.round(value * 100) / 100;
const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Steps of 1, 2 or 5 times a power of ten from 0 to at least `max`; at most `most` + 1 values. */
export function niceTicks(max: number, most = 4): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((size) => size * most >= max - 1e-9) ?? power * 10;
  const ticks: number[] = [];
  for (let index = 0; index <= most; index += 1) {
    ticks.push(Number((index * step).toPrecision(12)));
    if (index * step >= max - 1e-9) break;
  }
  return ticks;
}

/**
 * Bars over consecutive bins, heights proportional to the counts. `hrefOf` gives the address of a bin's faces.
 * The first and last edge and one in the middle are written below; the highest bar carries its count.
 */
export function histogramChart(
  title: string,
  bins: Bin[],
  size: ChartSize,
  options: { tone?: Tone; unit?: string; openEnd?: boolean; hrefOf?: (bin: Bin) => string | undefined } = {},
): Chart {
  const { tone = 'accent', unit = '', openEnd = false, hrefOf } = options;
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const highest = Math.max(0, ...bins.map((bin) => bin.count));
  const floor = size.height - LABEL_HEIGHT;
  const room = floor - TOP;
  const step = bins.length > 0 ? size.width / bins.length : size.width;
  const gap = Math.min(2, step * 0.2);
  const marks: Mark[] = [];
  bins.forEach((bin, index) => {
    const height = highest > 0 ? (bin.count / highest) * room : 0;
    const last = openEnd && index === bins.length - 1;
    const range = last ? `${bin.from} or more` : `${bin.from} to ${bin.to}`;
    marks.push({
      kind: 'rect',
      tone,
      x: round(index * step + gap / 2),
      y: round(floor - height),
      width: round(step - gap),
      height: round(height),
      label: `${range}${unit ? ` ${unit}` : ''}: ${plural(bin.count, 'face')}`,
      href: bin.count > 0 ? hrefOf?.(bin) : undefined,
    });
  });
  marks.push({
    kind: 'line',
    tone: 'axis',
    points: [
      [0, floor],
      [size.width, floor],
    ],
  });
  const peak = bins.findIndex((bin) => bin.count === highest);
  const top = bins[peak];
  if (top && highest > 0) {
    const centre = (peak + 0.5) * step;
    marks.push({
      kind: 'text',
      tone: 'muted',
      text: highest.toLocaleString('en'),
      x: round(Math.min(Math.max(centre, 12), size.width - 12)),
      y: TOP - 4,
      anchor: 'middle',
    });
  }
  const first = bins[0];
  const end = bins.at(-1);
  if (first && end) {
    const middle = bins[Math.floor(bins.length / 2)];
    const y = size.height - 4;
    marks.push({ kind: 'text', tone: 'muted', text: String(first.from), x: 0, y, anchor: 'start' });
    if (bins.length > 2 && middle) {
      const x = round(Math.floor(bins.length / 2) * step);
      marks.push({ kind: 'text', tone: 'muted', text: String(middle.from), x, y, anchor: 'middle' });
    }
    const text = openEnd ? `${end.from}+` : String(end.to);
    marks.push({ kind: 'text', tone: 'muted', text, x: size.width, y, anchor: 'end' });
  }
  return {
    title,
    summary: `${title}: ${plural(total, 'face')} in ${plural(bins.length, 'bin')}.`,
    ...size,
    marks,
  };
}

/** One horizontal bar a value, longest first is up to the caller; count and share stand at the right. */
export function shareChart(title: string, shares: Share[], width: number, tone: Tone = 'accent'): Chart {
  const row = 24;
  const nameWidth = Math.min(120, width * 0.3);
  const countWidth = 96;
  const room = width - nameWidth - countWidth;
  const total = shares.reduce((sum, share) => sum + share.count, 0);
  const highest = Math.max(0, ...shares.map((share) => share.count));
  const marks: Mark[] = [];
  shares.forEach((share, index) => {
    const y = index * row;
    const percent = total > 0 ? `${Math.round((share.count / total) * 100)} %` : '';
    marks.push({
      kind: 'text',
      tone: 'text',
      text: share.value,
      x: 0,
      y: y + 16,
      anchor: 'start',
      href: share.href,
    });
    marks.push({
      kind: 'rect',
      tone,
      x: round(nameWidth),
      y: y + 5,
      width: round(highest > 0 ? (share.count / highest) * room : 0),
      height: 14,
      label: `${share.value}: ${plural(share.count, 'face')}${percent ? `, ${percent}` : ''}`,
      href: share.href,
    });
    const text = `${share.count.toLocaleString('en')}${percent ? ` · ${percent}` : ''}`;
    marks.push({ kind: 'text', tone: 'muted', text, x: width, y: y + 16, anchor: 'end' });
  });
  const summary = `${title}: ${shares.map((share) => `${share.value} ${share.count}`).join(', ') || 'no faces yet'}.`;
  return { title, summary, width, height: Math.max(row, shares.length * row), marks };
}

export interface Segment {
  name: string;
  count: number;
  tone: Tone;
  href?: string | undefined;
}

/** One bar of full width cut by the counts; a count that is not 0 gets at least 2 units so that it stays visible. */
export function stackChart(title: string, segments: Segment[], size: ChartSize): Chart {
  const total = segments.reduce((sum, segment) => sum + segment.count, 0);
  const widths = segmentWidths(
    segments.map((segment) => segment.count),
    size.width,
    2,
  );
  const marks: Mark[] = [];
  let x = 0;
  segments.forEach((segment, index) => {
    const width = widths[index] ?? 0;
    if (width > 0) {
      marks.push({
        kind: 'rect',
        tone: segment.tone,
        x: round(x),
        y: 0,
        width: round(width),
        height: size.height,
        label: `${segment.name}: ${segment.count.toLocaleString('en')} of ${total.toLocaleString('en')}`,
        href: segment.href,
      });
    }
    x += width;
  });
  if (total === 0) {
    marks.push({ kind: 'rect', tone: 'idle', x: 0, y: 0, width: size.width, height: size.height });
  }
  const summary = `${title}: ${segments.map((segment) => `${segment.name} ${segment.count}`).join(', ')}.`;
  return { title, summary, ...size, marks };
}

/** Widths proportional to counts that sum to `width`; none above zero is narrower than `least` (the rest shrinks). */
export function segmentWidths(counts: number[], width: number, least: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return counts.map(() => 0);
  const raw = counts.map((count) => (count / total) * width);
  const lifted = raw.map((size) => size > 0 && size < least);
  const taken = lifted.filter(Boolean).length * least;
  const free = raw.reduce((sum, size, index) => sum + (lifted[index] ? 0 : size), 0);
  return raw.map((size, index) => (lifted[index] ? least : free > 0 ? (size / free) * (width - taken) : 0));
}

/** A line over named points (models in order), y from 0; points without a value are left out of the line. */
export function lineChart(
  title: string,
  points: Point[],
  size: ChartSize,
  format: (value: number) => string = String,
): Chart {
  const left = 48;
  const right = 16;
  const floor = size.height - LABEL_HEIGHT - 6;
  const top = 10;
  const values = points.flatMap((point) => (point.value === null ? [] : [point.value]));
  const highest = Math.max(0, ...values);
  const ticks = highest > 0 ? niceTicks(highest, 3) : [0];
  const max = (highest > 0 && ticks.at(-1)) || 1;
  const xOf = (index: number): number =>
    round(
      points.length > 1
        ? left + 12 + (index * (size.width - left - right - 24)) / (points.length - 1)
        : size.width / 2,
    );
  const yOf = (value: number): number => round(floor - (value / max) * (floor - top));
  const marks: Mark[] = [];
  for (const tick of ticks) {
    const y = yOf(tick);
    marks.push({
      kind: 'line',
      tone: 'axis',
      points: [
        [left, y],
        [size.width, y],
      ],
    });
    marks.push({ kind: 'text', tone: 'muted', text: format(tick), x: left - 8, y: y + 4, anchor: 'end' });
  }
  const line = points.flatMap((point, index): [number, number][] =>
    point.value === null ? [] : [[xOf(index), yOf(point.value)]],
  );
  if (line.length > 1) marks.push({ kind: 'line', tone: 'accent', points: line });
  points.forEach((point, index) => {
    const anchor =
      points.length === 1 ? 'middle' : index === 0 ? 'start' : index === points.length - 1 ? 'end' : 'middle';
    const x = anchor === 'start' ? xOf(index) - 12 : anchor === 'end' ? xOf(index) + 12 : xOf(index);
    marks.push({ kind: 'text', tone: 'muted', text: point.name, x, y: size.height - 4, anchor });
    if (point.value !== null) {
      const label = `${point.name}: ${format(point.value)}, median of ${plural(point.n, 'face')}`;
      marks.push({ kind: 'dot', tone: 'accent', x: xOf(index), y: yOf(point.value), radius: 4, label });
    }
  });
  const told = points.map(
    (point) => `${point.name} ${point.value === null ? 'no value' : format(point.value)}`,
  );
  return { title, summary: `${title}: ${told.join(', ') || 'nothing accepted yet'}.`, ...size, marks };
}
