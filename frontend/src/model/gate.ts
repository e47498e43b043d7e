/** The promotion gate's report as people read it: words, numbers with units, rows of the plot and of the table. */

import type { GateCandidate, GateCell, GateGroup, GateReport, GateVerdict } from '../api/gate';
import type { Cell } from './csv';
import type { ForestRow, Tone } from './series';
import { spaced, titled } from './words';

const TASKS: Readonly<Record<string, string>> = {
  detection: 'Finding faces',
  landmarks: 'Landmarks',
  age: 'Age',
  gender: 'Gender',
  ethnicity: 'Ethnicity',
};

interface Measure {
  title: string;
  /** A percentage: differences are percentage points. */
  percent: boolean;
  digits: number;
}
const MEASURES: Readonly<Record<string, Measure>> = {
  ap50: { title: 'AP', percent: true, digits: 1 },
  recall: { title: 'found', percent: true, digits: 1 },
  nme_interocular: { title: 'error / eye distance', percent: true, digits: 2 },
  age_mae: { title: 'years off', percent: false, digits: 1 },
  gender_acc: { title: 'right', percent: true, digits: 1 },
  ethnicity_acc: { title: 'right', percent: true, digits: 1 },
};
const PLAIN: Measure = { title: '', percent: false, digits: 3 };

const GROUPS: Readonly<Record<string, string>> = {
  age_band: 'Age band',
  gender: 'Gender',
  ethnicity: 'Ethnicity',
  face_size: 'Face size',
};

export const VERDICTS: Readonly<Record<GateVerdict, { words: string; tone: Tone; state: string }>> = {
  better: { words: 'better', tone: 'good', state: 'good' },
  not_worse: { words: 'not worse', tone: 'accent', state: 'busy' },
  worse: { words: 'worse', tone: 'bad', state: 'bad' },
  not_enough_evidence: { words: 'not enough evidence', tone: 'muted', state: 'idle' },
};

export const taskTitle = (task: string): string => TASKS[task] ?? titled(task);
export const groupTitle = (group: string): string => GROUPS[group] ?? titled(group);
const measureOf = (name: string): Measure => MEASURES[name] ?? { ...PLAIN, title: spaced(name) };

/** "91.3 %", "4.2"; a dash for what could not be measured. */
export function valueText(measure: string, value: number | null): string {
  if (value === null) return '–';
  const { percent, digits } = measureOf(measure);
  return percent ? `${(100 * value).toFixed(digits)} %` : value.toFixed(digits);
}

/** "+1.2", with a real minus sign; percentage points where the measure is a percentage. */
export function gainText(measure: string, value: number | null): string {
  if (value === null) return '–';
  const { percent, digits } = measureOf(measure);
  const text = (percent ? 100 * Math.abs(value) : Math.abs(value)).toFixed(digits);
  return Number(text) === 0 ? text : `${value > 0 ? '+' : '−'}${text}`;
}

export function intervalText(cell: GateCell): string {
  if (cell.low === null || cell.high === null) return '–';
  return `${gainText(cell.measure, cell.low)} to ${gainText(cell.measure, cell.high)}`;
}

/** "+1.2 points (+0.3 to +2.1)" */
export function gainSentence(cell: GateCell): string {
  if (cell.difference === null) return 'not measured';
  const unit = measureOf(cell.measure).percent ? 'points' : 'years';
  const gain = `${gainText(cell.measure, cell.difference)} ${unit}`;
  return cell.low === null || cell.high === null ? `${gain}, no interval` : `${gain} (${intervalText(cell)})`;
}

/** One row a task, in the order of the tasks. */
export function overallRows(report: GateReport): { task: string; cell: GateCell }[] {
  const order = Object.keys(TASKS);
  return Object.entries(report.overall)
    .map(([task, cell]) => ({ task, cell }))
    .toSorted((one, other) => order.indexOf(one.task) - order.indexOf(other.task));
}

export function forestRows(report: GateReport): ForestRow[] {
  return overallRows(report).map(({ task, cell }) => ({
    name: `${taskTitle(task)}, ${measureOf(cell.measure).title}`,
    difference: cell.difference,
    low: cell.low,
    high: cell.high,
    tone: VERDICTS[cell.verdict].tone,
    text: gainSentence(cell),
  }));
}

const SIZES = ['small', 'medium', 'large'];

/** Values of a group in their natural order: bands by age, sizes by size, names by the alphabet. */
function byValue(one: string, other: string): number {
  const [a, b] = [SIZES.indexOf(one), SIZES.indexOf(other)];
  return a >= 0 && b >= 0 ? a - b : one.localeCompare(other, 'en', { numeric: true });
}

export interface GroupRow {
  group: string;
  value: string;
  /** By task; a task without labels in this group is absent. */
  cells: Map<string, GateGroup>;
  /** The largest number of faces of any task. */
  n: number;
}

/** One row a group's value, its tasks side by side. */
export function groupRows(report: GateReport): GroupRow[] {
  const rows = new Map<string, GroupRow>();
  for (const cell of report.groups) {
    const key = `${cell.group} ${cell.value}`;
    const row = rows.get(key) ?? { group: cell.group, value: cell.value, cells: new Map(), n: 0 };
    row.cells.set(cell.task, cell);
    row.n = Math.max(row.n, cell.n);
    rows.set(key, row);
  }
  const order = Object.keys(GROUPS);
  return [...rows.values()].toSorted(
    (one, other) => order.indexOf(one.group) - order.indexOf(other.group) || byValue(one.value, other.value),
  );
}

/** The tasks that any group has, in order. */
export function groupTasks(report: GateReport): string[] {
  const present = new Set(report.groups.map((cell) => cell.task));
  return Object.keys(TASKS).filter((task) => present.has(task));
}

export const GATE_HEADER = [
  'group',
  'value',
  'task',
  'measure',
  'n',
  'challenger',
  'champion',
  'gain',
  'low',
  'high',
  'verdict',
];

/** Everything the report compares, as rows for a CSV file. */
export function gateCells(report: GateReport): Cell[][] {
  const row = (group: string, value: string, task: string, cell: GateCell): Cell[] => [
    group,
    value,
    task,
    cell.measure,
    cell.n,
    cell.challenger,
    cell.champion,
    cell.difference,
    cell.low,
    cell.high,
    cell.verdict,
  ];
  return [
    ...overallRows(report).map(({ task, cell }) => row('all', '', task, cell)),
    ...report.groups.map((cell) => row(cell.group, cell.value, cell.task, cell)),
  ];
}

/** "m3", or "the coarse provider “packaged”". */
export const candidateName = (one: GateCandidate): string =>
  one.number === null ? `the coarse provider “${one.name}”` : `m${one.number}`;
