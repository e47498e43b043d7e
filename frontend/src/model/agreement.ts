/** The agreement report as rows of a table: one measure a column, figures with their interval in words. */

import type { Agreement, AgreementRow } from '../api/types';
import type { Numbers } from './csv';
import { REGIONS, type RegionName } from './ibug68';
import type { IntervalRow } from './series';
import { titled } from './words';

export type Answers = 'blind' | 'seen';

/** One figure: 95 % bounds are null where there is too little for any. */
export interface Figure {
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
}

const NOTHING: Figure = { value: null, low: null, high: null, n: 0 };

export const figureOf = (row: AgreementRow, measure: string): Figure =>
  row.measures.find((one) => one.measure === measure) ?? NOTHING;

export interface AgreementColumn {
  measure: string;
  heading: string;
  /** How a value is read. */
  form: 'percent' | 'years' | 'coefficient';
}

/** What a table of people or groups shows of each row. */
export function agreementColumns(answers: Answers, ofPairs: boolean): AgreementColumn[] {
  return [
    ...(answers === 'seen' ? [{ measure: 'box_iou', heading: 'Box overlap', form: 'percent' } as const] : []),
    { measure: 'nme_box_all', heading: 'Landmarks apart', form: 'percent' },
    { measure: 'age_difference_years', heading: 'Ages apart, y', form: 'years' },
    ...(ofPairs
      ? [{ measure: 'age_shift_years', heading: 'Second older by, y', form: 'years' } as const]
      : []),
    { measure: ofPairs ? 'kappa_gender' : 'alpha_gender', heading: 'Gender', form: 'coefficient' },
    { measure: ofPairs ? 'kappa_ethnicity' : 'alpha_ethnicity', heading: 'Ethnicity', form: 'coefficient' },
  ];
}

const DIGITS = { percent: 1, years: 1, coefficient: 2 } as const;

/** "3.1 %", "4.0", "0.82"; "–" for nothing. */
export function figureText({ value }: Figure, form: AgreementColumn['form']): string {
  if (value === null) return '–';
  return form === 'percent'
    ? `${(100 * value).toFixed(DIGITS[form])} %`
    : value.toFixed(DIGITS[form]).replace('-', '−');
}

/** "95 %: 2.8 to 3.4, n 120"; without bounds only how many faces. */
export function intervalText(figure: Figure, form: AgreementColumn['form']): string {
  const { low, high, n } = figure;
  if (low === null || high === null) return `n ${n}`;
  const bound = (value: number): string => figureText({ ...figure, value }, form);
  return `${bound(low)} to ${bound(high)}, n ${n}`;
}

export interface RegionRow {
  name: string;
  title: string;
  distance: Figure;
  within: Figure;
}

/** Landmarks of everybody, region by region and in all. */
export function regionRows(row: AgreementRow): RegionRow[] {
  return [
    ...REGIONS.map(({ name, title }) => ({
      name,
      title,
      distance: figureOf(row, `nme_box_${name}`),
      within: figureOf(row, `within_${name}`),
    })),
    { name: 'all', title: 'All 68 points', distance: figureOf(row, 'nme_box_all'), within: NOTHING },
  ];
}

export interface WordRow {
  label: string;
  alpha: Figure;
}

/** Krippendorff's alpha of every label that has one, flags last. */
export function wordRows(row: AgreementRow): WordRow[] {
  return row.measures
    .filter((one) => one.measure.startsWith('alpha_'))
    .map((one) => ({ label: one.measure.slice('alpha_'.length).replace('flag:', 'flag '), alpha: one }));
}

/** How an alpha or kappa is usually read; empty where it cannot be told. */
export function coefficientWords({ value }: Figure): string {
  if (value === null) return '';
  if (value >= 0.8) return 'can be relied on';
  return value >= 0.67 ? 'to be used with care' : 'not to be relied on';
}

/** "3.1 % (2.8 to 3.4 %), 92 % within tolerance" for each region and for all points. */
export function landmarkIntervals(row: AgreementRow): IntervalRow[] {
  return regionRows(row).map(({ name, title, distance, within }) => {
    const share = within.value === null ? '' : `, ${Math.round(100 * within.value)} % within`;
    return {
      name: title,
      ...bounds(distance),
      tone: name === 'all' ? 'text' : (name as RegionName),
      text: `${boundedText(distance, 'percent')}${share}`,
    };
  });
}

export function landmarkNumbers(row: AgreementRow): Numbers {
  return {
    header: ['region', 'nme_box', 'low_95', 'high_95', 'n', 'within_tolerance'],
    rows: regionRows(row).map(({ name, distance: { value, low, high, n }, within }) => [
      name,
      value,
      low,
      high,
      n,
      within.value,
    ]),
  };
}

/** "0.82 (0.74 to 0.90)" for each label that is a word. */
export function wordIntervals(row: AgreementRow): IntervalRow[] {
  return wordRows(row).map(({ label, alpha }) => ({
    name: titled(label),
    ...bounds(alpha),
    tone: coefficientTone(alpha),
    text: boundedText(alpha, 'coefficient'),
  }));
}

export function wordNumbers(row: AgreementRow): Numbers {
  return {
    header: ['label', 'alpha', 'low_95', 'high_95', 'n', 'usually_read_as'],
    rows: wordRows(row).map(({ label, alpha }) => [
      label,
      alpha.value,
      alpha.low,
      alpha.high,
      alpha.n,
      coefficientWords(alpha),
    ]),
  };
}

const bounds = ({ value, low, high }: Figure): Pick<IntervalRow, 'value' | 'low' | 'high'> => ({
  value,
  low,
  high,
});

function boundedText(figure: Figure, form: AgreementColumn['form']): string {
  const text = figureText(figure, form);
  const { low, high } = figure;
  if (low === null || high === null) return text;
  const bound = (value: number): string => figureText({ ...figure, value }, form).replace(' %', '');
  return `${text} (${bound(low)} to ${bound(high)})`;
}

function coefficientTone({ value }: Figure): IntervalRow['tone'] {
  if (value === null) return 'muted';
  return value >= 0.8 ? 'good' : value >= 0.67 ? 'warn' : 'bad';
}

/** Why a report has no landmarks or words, as a sentence; empty if it has. */
export function nothingBlind(agreement: Agreement): string {
  const missing = ['landmarks', 'gender', 'ethnicity'].filter(
    (label) => !agreement.asked_blind.includes(label),
  );
  if (missing.length === 0) return '';
  const list = missing.length === 1 ? missing[0] : `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)}`;
  return `Nobody was asked for ${list} blind, so there is no agreement to measure: checkers saw the other answer. The policy can ask for it.`;
}
