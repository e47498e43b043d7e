/** Skill on gold as people read it: estimates with intervals, trends, offsets drawn on a face, confusions. */

import type { Estimate, Gold, GroupBias, PersonQuality, PersonSkill } from '../api/types';
import type { Numbers } from './csv';
import { REGIONS, TEMPLATE, type RegionName } from './ibug68';

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

const inPercent = (value: number | null): number | null => (value === null ? null : 100 * value);

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

const QUALITY_MEASURES = [
  'nme_box',
  'box_iou',
  'age_bias_years',
  'age_mae_years',
  'waved_through',
  'sweep_recall',
] as const;

/** The table of people as rows of a file, figures in the server's own units with their bounds. */
export const qualityNumbers = (people: readonly PersonQuality[]): Numbers => ({
  header: [
    'username',
    'name',
    'standing',
    'annotate_answers',
    'check_answers',
    'sweep_answers',
    ...QUALITY_MEASURES.flatMap((name) => [name, `${name}_low_95`, `${name}_high_95`, `${name}_n`]),
    'faces_per_active_hour',
  ],
  rows: people.map((one) => [
    one.username,
    one.name,
    standingOf(one),
    one.answers.annotate,
    one.answers.check,
    one.answers.sweep,
    ...QUALITY_MEASURES.flatMap((name) => {
      const { value, low, high, n } = one[name];
      return [value, low, high, n];
    }),
    one.faces_per_hour,
  ]),
});

/** The offsets as rows of a file, in percent of the box side. */
export const offsetNumbers = (offsets: PersonSkill['offsets']): Numbers => ({
  header: ['region', 'right_percent', 'down_percent', 'nme_box_percent', 'is_systematic'],
  rows: offsets.map((one) => [
    one.region,
    inPercent(one.x.value),
    inPercent(one.y.value),
    inPercent(one.nme_box.value),
    one.is_systematic ? 'yes' : 'no',
  ]),
});

/** Offsets are drawn this many times as long as they are. */
export const EXAGGERATED = 5;

export interface OffsetArrow {
  region: RegionName;
  /** Where the arrow begins, as shares of the box, y down. */
  x: number;
  y: number;
  /** The offset itself, as shares of the box side. */
  dx: number;
  dy: number;
  isSystematic: boolean;
  told: string;
}

/** Where an arrow for each region's mean offset begins and how long it is; regions without answers are left out. */
export function offsetArrows(offsets: PersonSkill['offsets']): OffsetArrow[] {
  return offsets.flatMap((offset): OffsetArrow[] => {
    if (offset.x.value === null || offset.y.value === null) return [];
    const [x, y] = anchorOf(offset.region);
    const where = offset.is_systematic ? directionText(offset.x.value, offset.y.value) : 'within chance';
    const isSystematic = offset.is_systematic;
    const told = `${offset.region}: ${where}`;
    return [{ region: offset.region, x, y, dx: offset.x.value, dy: offset.y.value, isSystematic, told }];
  });
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
