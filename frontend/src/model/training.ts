/** Training runs as the pages show them: what the stages mean, which choices fit together, curves out of points. */

import type { StageName, TrainingPoint, TrainingRun } from '../api/types';
import { FIGURES, type Figure } from './modelVersions';
import type { Curve, Tone } from './series';
import { countOf } from './words';

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

export const STAGES: readonly { name: StageName; title: string; explanation: string }[] = [
  {
    name: 'S1',
    title: 'Everything together',
    explanation: 'All nets learn on all labels. A first model needs it.',
  },
  {
    name: 'S2',
    title: 'Detection',
    explanation: 'Finder and boxes move on; the other two nets stop fitting them until S3 and S4 have run.',
  },
  {
    name: 'S3',
    title: 'Landmarks',
    explanation: 'Only the landmark net learns; boxes stay as they are. Enough for new landmark labels.',
  },
  {
    name: 'S4',
    title: 'Attributes',
    explanation: 'Only age, gender and ethnicity learn. Enough for new attribute labels.',
  },
];

/** Why these stages cannot be started, as a sentence; null: they can. The server decides with the same rules. */
export function stagesProblem(stages: readonly StageName[], hasParent: boolean): string | null {
  if (stages.length === 0) return 'Choose at least one stage.';
  const has = (name: StageName): boolean => stages.includes(name);
  if (!has('S1') && !hasParent) return 'There is no model to continue from: a first model needs S1.';
  if (has('S2') && !(has('S3') && has('S4'))) {
    return 'After S2 the landmark and attribute nets no longer fit the boxes: choose S3 and S4 with it.';
  }
  return null;
}

/** The stages in the order in which they first appear. */
export function stageOrder(points: readonly TrainingPoint[]): string[] {
  return [...new Set(points.map((point) => point.stage))].filter((stage) => stage !== '');
}

/** The terms of the loss as people read them; the whole first. */
const LOSSES: Readonly<Record<string, { title: string; tone: Tone }>> = {
  loss: { title: 'all', tone: 'text' },
  rpn_class: { title: 'proposals', tone: 'second' },
  rpn_box: { title: 'proposal boxes', tone: 'muted' },
  detection_class: { title: 'face or not', tone: 'accent' },
  detection_box: { title: 'boxes', tone: 'jaw' },
  landmarks: { title: 'landmarks', tone: 'nose' },
  age: { title: 'age', tone: 'warn' },
  gender: { title: 'gender', tone: 'eyes' },
  ethnicity: { title: 'ethnicity', tone: 'third' },
};

export interface Panel {
  stage: string;
  name: string;
  curves: Curve[];
}

/** One panel of losses for each stage that has run, in order; the learning rate and counts are no losses. */
export function lossPanels(points: readonly TrainingPoint[]): Panel[] {
  const losses = points.filter((point) => point.kind === 'loss');
  return stageOrder(losses).map((stage) => {
    const own = losses.filter((point) => point.stage === stage);
    const curves = Object.entries(LOSSES).flatMap(([key, { title, tone }]): Curve[] => {
      const values = own.flatMap((point): [number, number][] => {
        const value = point.values[key];
        return isNumber(value) ? [[point.step, value]] : [];
      });
      return values.length > 0 ? [{ name: title, tone, points: values }] : [];
    });
    // One term alone is the whole.
    return { stage, name: `Losses in ${stage}`, curves: curves.length === 2 ? curves.slice(1) : curves };
  });
}

/** One row a validation: what was measured and after which step. */
export interface MetricRow {
  stage: string;
  step: number;
  values: Record<string, number>;
}

export function metricRows(points: readonly TrainingPoint[]): MetricRow[] {
  return points
    .filter((point) => point.kind === 'metric')
    .map((point) => ({
      stage: point.stage,
      step: point.step,
      values: Object.fromEntries(
        Object.entries(point.values).filter((pair): pair is [string, number] => isNumber(pair[1])),
      ),
    }));
}

/**
 * Points already known and newer ones, each once, in order of their sequence. null: a new attempt went on from an
 * earlier checkpoint, the server took points back, and all have to be read again.
 */
export function joined(
  known: readonly TrainingPoint[],
  more: readonly TrainingPoint[],
): TrainingPoint[] | null {
  const last = known.at(-1);
  const fresh = more
    .filter((point) => point.seq > (last?.seq ?? -1))
    .toSorted((one, other) => one.seq - other.seq);
  if (last && fresh.some((point) => point.attempt !== last.attempt)) return null;
  return [...known, ...fresh];
}

const STAGE_TONES: Readonly<Record<string, Tone>> = { S1: 'accent', S2: 'warn', S3: 'nose', S4: 'third' };

/** One panel a figure that was measured, with a curve for each stage, in the figure's unit. */
export function figurePanels(points: readonly TrainingPoint[]): { figure: Figure; curves: Curve[] }[] {
  const rows = metricRows(points);
  const stages = [...new Set(rows.map((row) => row.stage))];
  return FIGURES.flatMap((figure) => {
    const curves = stages.flatMap((stage): Curve[] => {
      const values = rows.flatMap((row): [number, number][] => {
        const value = row.values[figure.key];
        return row.stage === stage && value !== undefined
          ? [[row.step, figure.percent ? 100 * value : value]]
          : [];
      });
      return values.length > 0
        ? [{ name: stage, tone: STAGE_TONES[stage] ?? 'accent', points: values, dots: true }]
        : [];
    });
    return curves.length > 0 ? [{ figure, curves }] : [];
  });
}

/** What happened between the steps, newest last: the run's log. */
export interface LogLine {
  seq: number;
  attempt: number;
  at: string;
  text: string;
}

const shown = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Notes as lines: "resumed, stage S2, step 300"; the name of the event is said first. */
export function logLines(points: readonly TrainingPoint[]): LogLine[] {
  return points
    .filter((point) => point.kind === 'note')
    .map((point) => {
      const { event, ...facts } = point.values;
      const told = Object.entries(facts).map(
        ([name, value]) => `${name.replaceAll('_', ' ')} ${shown(value)}`,
      );
      const where = point.stage ? [`${point.stage}${point.step > 0 ? ` step ${point.step}` : ''}`] : [];
      const words = [typeof event === 'string' ? event.replaceAll('_', ' ') : '', ...where, ...told];
      return { seq: point.seq, attempt: point.attempt, at: point.at, text: words.filter(Boolean).join(', ') };
    });
}

/** What started the run, in words. */
export function triggerText(run: Pick<TrainingRun, 'trigger' | 'created_by'>): string {
  if (run.trigger === 'faces') return 'enough new faces';
  if (run.trigger === 'schedule') return 'the schedule';
  return run.created_by ?? 'a person';
}

/** "new labels: 120 boxes, 80 landmarks"; empty without any. */
export function newLabelsText(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return told.map(([kind, count]) => countOf(count, kind, kind)).join(', ');
}

export const PRESETS: readonly { name: string; explanation: string }[] = [
  { name: 'fast', explanation: 'for CPUs and few labels: a small network with a face-trained start' },
  { name: 'tiny', explanation: 'an eighth as wide: for trying things out in minutes' },
  { name: 'paper', explanation: 'VGG-16 as published: needs a GPU' },
];

/** What one attempt reported: from which stage and step to which, and when. */
export interface AttemptSpan {
  attempt: number;
  from: string;
  to: string;
  began: string;
  ended: string;
}

/** One span an attempt that reported losses, in order. What a later attempt did again is the later one's. */
export function attemptSpans(points: readonly TrainingPoint[]): AttemptSpan[] {
  const spans = new Map<number, AttemptSpan>();
  for (const point of points) {
    if (point.kind !== 'loss') continue;
    const place = `${point.stage} step ${point.step.toLocaleString('en')}`;
    const span = spans.get(point.attempt);
    if (span) {
      span.to = place;
      span.ended = point.at;
    } else {
      const { attempt, at } = point;
      spans.set(attempt, { attempt, from: place, to: place, began: at, ended: at });
    }
  }
  return [...spans.values()];
}
