/** What accepted faces cost, by the model of their pre-label: names, numbers, the series of the charts. */

import type { Economy } from '../api/types';
import type { Cell } from './csv';
import type { Measured, Tone, VersionSeries } from './series';

export type EconomyVersion = Economy['versions'][number];
export type MeasureName = keyof EconomyVersion['measures'];
export type BlindRow = Economy['blind'][number];

export interface EconomyChart {
  title: string;
  note: string;
  file: string;
  series: readonly { measure: MeasureName; name: string; tone: Tone }[];
  /** Times 100 and a percent sign. */
  percent: boolean;
  digits: number;
  /** The axis begins near the values. */
  isCropped?: boolean;
}

export const ECONOMY_CHARTS: readonly EconomyChart[] = [
  {
    title: 'Edits per accepted face',
    note: 'points, box sides and attributes',
    file: 'edits',
    percent: false,
    digits: 1,
    series: [{ measure: 'edits', name: 'edits', tone: 'accent' }],
  },
  {
    title: 'Active seconds per face',
    note: 'all passes, and the first alone',
    file: 'seconds',
    percent: false,
    digits: 0,
    series: [
      { measure: 'active_seconds', name: 'all', tone: 'accent' },
      { measure: 'annotate_seconds', name: 'first', tone: 'second' },
    ],
  },
  {
    title: 'Landmark distance',
    note: 'pre-label to accepted, % of √box area, by region',
    file: 'landmarks',
    percent: true,
    digits: 1,
    series: [
      { measure: 'nme_box_side_jaw', name: 'jaw', tone: 'jaw' },
      { measure: 'nme_box_side_brows', name: 'brows', tone: 'brows' },
      { measure: 'nme_box_side_nose', name: 'nose', tone: 'nose' },
      { measure: 'nme_box_side_eyes', name: 'eyes', tone: 'eyes' },
      { measure: 'nme_box_side_lips', name: 'lips', tone: 'lips' },
    ],
  },
  {
    title: 'Box overlap',
    note: 'IoU of pre-label and accepted box; more is better',
    file: 'box',
    percent: false,
    digits: 3,
    isCropped: true,
    series: [{ measure: 'box_iou', name: 'IoU', tone: 'second' }],
  },
  {
    title: 'Age distance, years',
    note: 'pre-label to the mean of the people',
    file: 'age',
    percent: false,
    digits: 1,
    series: [{ measure: 'age_distance', name: 'age', tone: 'warn' }],
  },
  {
    title: 'Attributes changed',
    note: '% of the faces that carry it',
    file: 'attributes',
    percent: true,
    digits: 0,
    series: [
      { measure: 'gender_changed', name: 'gender', tone: 'eyes' },
      { measure: 'ethnicity_changed', name: 'ethnicity', tone: 'third' },
    ],
  },
];

/** "m3" for a model's own name such as "tfn m3 0a1b2c3d"; other names as they are; people's faces said so. */
export function makerName(madeBy: string): string {
  if (madeBy === '') return 'drawn by people';
  const model = /^tfn (m\d+)\b/.exec(madeBy);
  return model?.[1] ?? madeBy;
}

/** The versions that a model made, in the order in which their faces were first accepted. */
export const modelVersions = (economy: Economy): EconomyVersion[] =>
  economy.versions.filter((version) => version.made_by !== '' && version.faces > 0);

const asMeasured = (measure: EconomyVersion['measures'][MeasureName], factor: number): Measured | null =>
  measure.mean === null
    ? null
    : {
        value: factor * measure.mean,
        low: measure.low === null ? null : factor * measure.low,
        high: measure.high === null ? null : factor * measure.high,
        n: measure.n,
      };

export function seriesOf(chart: EconomyChart, versions: readonly EconomyVersion[]): VersionSeries[] {
  return chart.series.map(({ measure, name, tone }) => ({
    name,
    tone,
    values: versions.map((version) => asMeasured(version.measures[measure], chart.percent ? 100 : 1)),
  }));
}

export const ECONOMY_HEADER = ['made_by', 'measure', 'faces', 'mean', 'low', 'high'];

/** The numbers behind a chart, unrounded and in the server's own unit. */
export function chartCells(chart: EconomyChart, versions: readonly EconomyVersion[]): Cell[][] {
  return versions.flatMap((version) =>
    chart.series.map(({ measure }): Cell[] => {
      const { n, mean, low, high } = version.measures[measure];
      return [version.made_by, measure, n, mean, low, high];
    }),
  );
}

interface BlindMeasure {
  title: string;
  percent: boolean;
  digits: number;
}
const BLIND: Readonly<Record<string, BlindMeasure>> = {
  edits: { title: 'Edits per face', percent: false, digits: 1 },
  annotate_seconds: { title: 'Active seconds, first pass', percent: false, digits: 1 },
  box_iou: { title: 'Box IoU with the pre-label', percent: false, digits: 3 },
  nme_box_side: { title: 'Landmark distance, % of √box area', percent: true, digits: 2 },
  age_distance: { title: 'Age distance, years', percent: false, digits: 1 },
  gender_changed: { title: 'Gender differs, %', percent: true, digits: 1 },
  ethnicity_changed: { title: 'Ethnicity differs, %', percent: true, digits: 1 },
};

export const blindTitle = (measure: string): string => BLIND[measure]?.title ?? measure;

/** A value of a row of the comparison in its unit; a dash for none. */
export function blindText(measure: string, value: number | null, isDifference = false): string {
  const { percent, digits } = BLIND[measure] ?? { percent: false, digits: 2 };
  if (value === null) return '–';
  const text = Math.abs(percent ? 100 * value : value).toFixed(digits);
  const sign = Number(text) === 0 ? '' : value < 0 ? '−' : isDifference ? '+' : '';
  return sign + text;
}

/** "+0.4 (+0.1 to +0.7)"; without an interval that says so. */
export function blindDifference(row: BlindRow): string {
  if (row.difference === null) return '–';
  const [difference, low, high] = [row.difference, row.low, row.high].map((value) =>
    blindText(row.measure, value, true),
  );
  return row.low === null
    ? `${difference ?? ''}, no interval`
    : `${difference ?? ''} (${low ?? ''} to ${high ?? ''})`;
}

export interface WeekSeries {
  weeks: string[];
  series: VersionSeries[];
}

const WEEK_TONES: readonly Tone[] = ['muted', 'accent', 'second', 'warn', 'third', 'eyes'];

/** Edits per face of each week, a series a model; weeks in order. Faces drawn by people are left out. */
export function weekSeries(economy: Economy): WeekSeries {
  const rows = economy.weeks.filter((row) => row.made_by !== '');
  const weeks = [...new Set(rows.map((row) => row.week))].toSorted();
  const makers = [...new Set(rows.map((row) => row.made_by))];
  const series = makers.map((maker, index) => ({
    name: makerName(maker),
    tone: WEEK_TONES[index % WEEK_TONES.length] ?? 'accent',
    values: weeks.map((week) => {
      const row = rows.find((one) => one.week === week && one.made_by === maker);
      return row ? { value: row.edits, n: row.faces } : null;
    }),
  }));
  return { weeks, series };
}
