/**
 * A screenful of faces that are asked one question: which faces may be asked it, in which order they stand, which of
 * them stand out, and when a face needs nothing more. Age is no such question: it is given face by face, unseen.
 */

import type { Item, ItemFace, PassKind, Policy } from '../api/types';
import type { Labels } from './labels';
import { LABEL_NAMES, removedBy, violations } from './policy';

export type BatchQuestion =
  | { readonly kind: 'class'; readonly id: 'gender' | 'ethnicity'; readonly answers: readonly string[] }
  | { readonly kind: 'flag'; readonly id: `flag.${string}`; readonly flag: string };

/** From this uncertainty of the model on (0 certain, below 1) a face is marked. */
export const UNSURE = 0.5;

/** Everything that a screenful can be asked under this policy. */
export function batchQuestions(policy: Policy): BatchQuestion[] {
  const classes = (
    [
      ['gender', policy.genders],
      ['ethnicity', policy.ethnicities],
    ] as const
  )
    .filter(([id]) => policy.required.includes(id))
    .map(([id, values]) => ({ kind: 'class', id, answers: [...values, policy.cannot_tell] }) as const);
  const flags = Object.keys(policy.flags).map(
    (flag) => ({ kind: 'flag', id: `flag.${flag}`, flag }) as const,
  );
  return [...classes, ...flags];
}

/** Passes in which the question may be put to a screenful: not where checkers answer it without seeing anybody's. */
export function batchKinds(question: BatchQuestion, policy: Policy): PassKind[] {
  const isBlind = question.kind === 'class' && policy.blind_in_checks.includes(question.id);
  return isBlind ? ['annotate'] : ['annotate', 'check'];
}

/**
 * Whether this face may be asked among others. Not one whose pre-label is hidden, one that no model described (there is
 * nothing to confirm), one that is asked this without seeing others' answers, or one whose flags leave nothing to ask.
 */
export function fitsBatch(question: BatchQuestion, item: Item, policy: Policy): boolean {
  const { face, kind } = item;
  if (!face || (kind !== 'annotate' && kind !== 'check') || face.blind) return false;
  if (kind === 'annotate' && !face.prelabel) return false;
  if (question.kind === 'flag') return true;
  const isAskedBlind = kind === 'check' && face.asked_blind.includes(question.id);
  return !isAskedBlind && !removedBy(policy, face.labels.flags).has(question.id);
}

/** A class, 'yes' or 'no' for a flag, null for no answer yet. */
export type BatchAnswer = string | null;

export function answerIn(question: BatchQuestion, labels: Labels): BatchAnswer {
  if (question.kind === 'class') return labels[question.id];
  return labels.flags.includes(question.flag) ? 'yes' : 'no';
}

/** What a click makes of an answer: the next class (never "cannot tell"), or the flag the other way. */
export function flipped(question: BatchQuestion, answer: BatchAnswer): string {
  if (question.kind === 'flag') return answer === 'yes' ? 'no' : 'yes';
  const classes = question.answers.slice(0, -1);
  return classes[(classes.indexOf(answer ?? '') + 1) % classes.length] ?? '';
}

/** How often each answer is given, the most frequent first; ties as in the policy. */
export function answerCounts(answers: readonly BatchAnswer[]): { answer: BatchAnswer; count: number }[] {
  const counts = new Map<BatchAnswer, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].map(([answer, count]) => ({ answer, count })).sort((a, b) => b.count - a.count);
}

/** The answer of two thirds of those that have one, or null: where answers are balanced, nothing is odd. */
export function majorityOf(answers: readonly BatchAnswer[]): BatchAnswer {
  const given = answers.filter((answer) => answer !== null);
  const first = answerCounts(given)[0];
  return first && first.count * 3 >= given.length * 2 ? first.answer : null;
}

export interface Described {
  readonly answer: BatchAnswer;
  /** Null where no model said. */
  readonly uncertainty: number | null;
}

/**
 * Places of `faces` in the order of the screen: by answer, the most frequent first and those without one last; within
 * an answer the model's surest first. So what differs stands together at the end.
 */
export function batchOrder(question: BatchQuestion, faces: readonly Described[]): number[] {
  const known = question.kind === 'class' ? question.answers : ['no', 'yes'];
  const counts = new Map(
    answerCounts(faces.map((face) => face.answer)).map((one) => [one.answer, one.count]),
  );
  const rank = ({ answer }: Described): number[] => [
    answer === null ? 1 : 0,
    -(counts.get(answer) ?? 0),
    answer === null ? 0 : known.indexOf(answer),
  ];
  return faces
    .map((face, place) => ({ key: [...rank(face), face.uncertainty ?? 0, place], place }))
    .sort((a, b) => {
      const at = a.key.findIndex((value, i) => value !== b.key[i]);
      return at < 0 ? 0 : (a.key[at] ?? 0) - (b.key[at] ?? 0);
    })
    .map(({ place }) => place);
}

export function isUnsure(face: Pick<ItemFace, 'uncertainty'>): boolean {
  return (face.uncertainty ?? 0) >= UNSURE;
}

/**
 * True if a face can be sent without being looked at alone: the person confirmed every label that the policy asks of
 * it. Points and age are never confirmed in a screenful, so a face that needs one of them is not.
 */
export function isFinished(policy: Policy, labels: Labels, confirmed: ReadonlySet<string>): boolean {
  const removed = removedBy(policy, labels.flags);
  const asked = LABEL_NAMES.filter((label) => policy.required.includes(label) && !removed.has(label));
  return asked.every((label) => confirmed.has(label)) && violations(policy, labels).length === 0;
}

export interface Layout {
  readonly columns: number;
  readonly rows: number;
  /** Of one picture, in CSS pixels. */
  readonly side: number;
}

/** Faces on one screen at most. */
export const SCREENFUL = 24;

const SMALLEST = 96;
const GAP = 8;

/**
 * The grid with the largest pictures that shows a screenful in width x height without scrolling, `caption` pixels under
 * each picture; fewer faces where the pictures would become too small to judge.
 */
export function batchLayout(width: number, height: number, caption: number): Layout {
  for (const count of [24, 20, 18, 15, 12, 10, 8, 6, 4]) {
    const grids = Array.from({ length: count }, (_, i) => i + 1)
      .filter((columns) => count % columns === 0)
      .map((columns) => ({
        columns,
        rows: count / columns,
        side: Math.floor(
          Math.min((width + GAP) / columns - GAP, ((height + GAP) * columns) / count - GAP - caption),
        ),
      }));
    const best = grids.reduce((a, b) => (b.side > a.side ? b : a));
    if (best.side >= SMALLEST) return best;
  }
  return { columns: 2, rows: 1, side: SMALLEST };
}
