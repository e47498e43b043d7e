/** Skill on gold as people read it: estimates with intervals, trends, offsets drawn on a face, confusions. */

import type { Estimate, Gold, GroupBias, PersonQuality, PersonSkill } from '../api/types';
import type { Chart, Mark } from './charts';
import { CURVES, REGIONS, TEMPLATE, type RegionName } from './ibug68';

const signed = (value: number, digits: number): string => {
  const text = value.toFixed(digits);
  if (Number(text) === 0) return text.replace('-', '');
  return value > 0 ? `+${text}` : text.replace('-', '−');
};

/** "+2.1 (+0.4 to +3.8)" years; a dash for nothing measured, no interval where there is none. */
export function yearsText(estimate: Estimate): string {
  const { value, low, high } = estimate;
  if (value === null) return '–';
  if (low === null || high === null) return signed(value, 1);
  return `${signed(value, 1)} (${signed(low, 1)} to ${signed(high, 1)})`;
}

/** A share of the box side or of answers in percent: "3.4 %", with "(2.1 to 4.7)" where there is an interval. */
export function percentEstimate(estimate: Estimate, withInterval = true): string {
  const { value, low, high } = estimate;
  if (value === null) return '–';
  const text = `${(100 * value).toFixed(1)} %`;
  if (!withInterval || low === null || high === null) return text;
  return `${text} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

export type Standing = 'paused' | 'pause' | 'warn' | 'fine' | 'unknown';

/** How a person stands: paused, below the threshold of a pause, warned about, fine, or without an answer yet. */
export function standingOf(person: PersonQuality): Standing {
  if (person.paused_at !== null) return 'paused';
  if (person.verdict !== 'fine') return person.verdict;
  const { annotate, check, sweep } = person.answers;
  return annotate + check + sweep === 0 ? 'unknown' : 'fine';
}

export const STANDING_WORDS: Record<Standing, string> = {
  paused: 'Paused',
  pause: 'Far below',
  warn: 'Warning',
  fine: 'Fine',
  unknown: 'Not tested yet',
};

/** A line of values left to right in a box of the given size, the largest at the top; null values leave it out. */
export function sparkPoints(
  values: readonly (number | null)[],
  width: number,
  height: number,
): [number, number][] {
  const known = values.flatMap((value, index) => (value === null ? [] : [[index, value] as const]));
  if (known.length === 0) return [];
  const numbers = known.map(([, value]) => value);
  const low = Math.min(...numbers);
  const room = Math.max(...numbers) - low || 1;
  const last = Math.max(1, values.length - 1);
  return known.map(([index, value]) => [
    Math.round((index / last) * width * 10) / 10,
    Math.round((1 - (value - low) / room) * height * 10) / 10,
  ]);
}

/** Offsets are drawn this many times as long as they are. */
export const EXAGGERATED = 5;

/** A plain face with an arrow for the systematic offset of each region; regions within chance have a hollow dot. */
export function offsetChart(offsets: PersonSkill['offsets'], size: number): Chart {
  const margin = size * 0.1;
  const scale = size - 2 * margin;
  const place = (point: readonly [number, number]): [number, number] => [
    Math.round((margin + point[0] * scale) * 10) / 10,
    Math.round((margin + point[1] * scale) * 10) / 10,
  ];
  const marks: Mark[] = CURVES.map((curve) => {
    const points = curve.points.map((index) => place(TEMPLATE[index] ?? [0, 0]));
    const closed = curve.closed && points[0] ? [...points, points[0]] : points;
    return { kind: 'line', tone: 'idle', thin: true, points: closed };
  });
  const told: string[] = [];
  for (const offset of offsets) {
    const anchor = place(anchorOf(offset.region));
    if (offset.x.value === null || offset.y.value === null) continue;
    const label = `${offset.region}: ${directionText(offset.x.value, offset.y.value)}`;
    told.push(offset.is_systematic ? label : `${offset.region}: within chance`);
    if (!offset.is_systematic) {
      marks.push({
        kind: 'dot',
        tone: offset.region,
        x: anchor[0],
        y: anchor[1],
        radius: 3,
        hollow: true,
        label,
      });
      continue;
    }
    const tip: [number, number] = [
      anchor[0] + EXAGGERATED * offset.x.value * scale,
      anchor[1] + EXAGGERATED * offset.y.value * scale,
    ];
    marks.push({ kind: 'dot', tone: offset.region, x: anchor[0], y: anchor[1], radius: 3 });
    marks.push({ kind: 'line', tone: offset.region, points: arrow(anchor, tip), label });
  }
  return {
    title: 'Systematic offsets',
    summary: `Where the points of each region lie on average: ${told.join('; ') || 'nothing measured yet'}.`,
    width: size,
    height: size,
    marks,
  };
}

/** "2.3 % right, 1.1 % low" of the box side. */
export function directionText(x: number, y: number): string {
  const across = `${(100 * Math.abs(x)).toFixed(1)} % ${x > 0 ? 'right' : 'left'}`;
  const down = `${(100 * Math.abs(y)).toFixed(1)} % ${y > 0 ? 'low' : 'high'}`;
  return `${across}, ${down}`;
}

/** The middle of a region's points; of the jaw its chin, where an arrow is not hidden by the rest of the face. */
function anchorOf(region: RegionName): readonly [number, number] {
  if (region === 'jaw') return TEMPLATE[8] ?? [0.5, 1];
  const points = REGIONS.find((one) => one.name === region)?.points ?? [];
  const sum = points.reduce<[number, number]>(
    ([x, y], index) => [x + (TEMPLATE[index]?.[0] ?? 0), y + (TEMPLATE[index]?.[1] ?? 0)],
    [0, 0],
  );
  return [sum[0] / points.length, sum[1] / points.length];
}

function arrow(from: [number, number], to: [number, number]): [number, number][] {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const barb = (turn: number): [number, number] => [
    Math.round((to[0] - 7 * Math.cos(angle + turn)) * 10) / 10,
    Math.round((to[1] - 7 * Math.sin(angle + turn)) * 10) / 10,
  ];
  const tip: [number, number] = [Math.round(to[0] * 10) / 10, Math.round(to[1] * 10) / 10];
  return [from, tip, barb(0.5), tip, barb(-0.5)];
}

export interface ConfusionTable {
  words: string[];
  /** counts[true][given], in the order of `words`. */
  counts: number[][];
}

/** A square table of what was said for what is true; empty without answers. */
export function confusionTable(
  rows: readonly { given: string; true: string; count: number }[],
): ConfusionTable {
  const words = [...new Set(rows.flatMap((row) => [row.true, row.given]))].sort();
  const counts = words.map((truth) =>
    words.map((given) => rows.find((row) => row.true === truth && row.given === given)?.count ?? 0),
  );
  return { words, counts };
}

export const BIAS_MEASURES: readonly { value: string; title: string }[] = [
  { value: 'age', title: 'age, years' },
  { value: 'landmarks', title: 'landmarks, % of the box side' },
  { value: 'gender', title: 'wrong gender, %' },
  { value: 'ethnicity', title: 'wrong ethnicity, %' },
];

/** An error of the group bias report in the unit of its measure. */
export function biasText(measure: string, value: number | null): string {
  if (value === null) return '–';
  return measure === 'age' || value < 0
    ? signed(measure === 'age' ? value : 100 * value, 1)
    : (100 * value).toFixed(1);
}

/** The cell of a person and a group; null where they never met. */
export function cellOf(report: GroupBias, person: number, group: string): GroupBias['cells'][number] | null {
  return report.cells.find((cell) => cell.user_id === person && cell.group === group) ?? null;
}

const FAULT_WORDS: Record<string, string> = { box: 'wrong box', flags: 'wrong flag' };

/** What a gold item does, in one line. */
export function goldText(gold: Pick<Gold, 'kind' | 'faults'>): string {
  if (gold.kind === 'annotate') return 'Label it from its pre-label';
  if (gold.kind === 'sweep') return 'Find it: it is left out of its image';
  const faults = gold.faults.map(
    (fault) =>
      FAULT_WORDS[fault] ??
      (REGIONS.some((region) => region.name === fault) ? `moved ${fault}` : `wrong ${fault}`),
  );
  return `Check it with a ${faults.join(' and a ')}`;
}
