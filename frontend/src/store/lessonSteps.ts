/** The steps of each lesson, and how the page sees that one was done. Pure: it reads the session and nothing else. */

import type { LessonName } from '../api/types';
import type { PlainKey, TextKey } from '../i18n';
import { HIDDEN, type Labels } from '../model/labels';
import type { CommandId } from '../tools/commands';
import type { FaceSession } from './faceSession';

export type StepId =
  | 'select'
  | 'drag'
  | 'nudge'
  | 'complete'
  | 'fit'
  | 'pin'
  | 'age'
  | 'gender'
  | 'ethnicity'
  | 'guide'
  | 'decide'
  | 'save';

/** What a step needs to know of the moment before. */
export interface Moment {
  readonly labels: Labels;
  readonly dragging: boolean;
  readonly clicks: number | null;
}

export interface Step {
  readonly id: StepId;
  readonly text: Extract<TextKey, `tutorial.step${string}`>;
  /** Whose key the text names. */
  readonly command?: CommandId;
}

const STEPS: Readonly<Record<StepId, Omit<Step, 'id'>>> = {
  select: { text: 'tutorial.stepSelect' },
  drag: { text: 'tutorial.stepDrag' },
  nudge: { text: 'tutorial.stepNudge' },
  complete: { text: 'tutorial.stepComplete' },
  fit: { text: 'tutorial.stepFit', command: 'threeClicks' },
  pin: { text: 'tutorial.stepPin' },
  age: { text: 'tutorial.stepAge' },
  gender: { text: 'tutorial.stepGender' },
  ethnicity: { text: 'tutorial.stepEthnicity' },
  guide: { text: 'tutorial.stepGuide', command: 'guide' },
  decide: { text: 'tutorial.stepDecide' },
  save: { text: 'tutorial.stepSave' },
};

const OF_LESSON: Readonly<Record<LessonName, readonly StepId[]>> = {
  points: ['select', 'drag', 'nudge', 'complete', 'save'],
  fit: ['fit', 'pin', 'complete', 'save'],
  age: ['age', 'gender', 'ethnicity', 'save'],
  flags: ['guide', 'decide', 'save'],
  alone: [],
};

export const LESSON_TEXTS: Readonly<Record<LessonName, { title: PlainKey; text: PlainKey }>> = {
  points: { title: 'tutorial.lessonPoints', text: 'tutorial.lessonPointsText' },
  fit: { title: 'tutorial.lessonFit', text: 'tutorial.lessonFitText' },
  age: { title: 'tutorial.lessonAge', text: 'tutorial.lessonAgeText' },
  flags: { title: 'tutorial.lessonFlags', text: 'tutorial.lessonFlagsText' },
  alone: { title: 'tutorial.lessonAlone', text: 'tutorial.lessonAloneText' },
};

export function stepsOf(lesson: LessonName): Step[] {
  return OF_LESSON[lesson].map((id) => ({ id, ...STEPS[id] }));
}

export function momentOf(session: FaceSession): Moment {
  return {
    labels: session.labels,
    dragging: session.drag?.kind === 'point' || session.drag?.kind === 'slide',
    clicks: session.placing?.clicks.length ?? null,
  };
}

/** The steps that the last change of the session finished. */
export function stepsSeen(before: Moment, session: FaceSession): StepId[] {
  const now = momentOf(session);
  const { labels } = session;
  const moved = before.labels.landmarks !== labels.landmarks && labels.landmarks !== null;
  const onPoint = session.selection?.kind === 'point';
  const seen: Partial<Record<StepId, boolean>> = {
    select: onPoint,
    drag: before.dragging && moved,
    nudge: moved && onPoint && !before.dragging && !now.dragging && before.clicks === null,
    fit: before.clicks === 2 && now.clicks === null && moved,
    pin: before.dragging && session.pins.length > 0,
    age: labels.age !== null && session.ageEntry.typed === '',
    gender: labels.gender !== null && before.labels.gender !== labels.gender,
    ethnicity: labels.ethnicity !== null && before.labels.ethnicity !== labels.ethnicity,
    complete: labels.age !== null && labels.gender !== null && labels.ethnicity !== null,
    decide:
      session.violations.length === 0 &&
      (labels.flags.length > 0 ||
        labels.age !== null ||
        (labels.landmarks?.states.includes(HIDDEN) ?? false)),
  };
  return (Object.keys(seen) as StepId[]).filter((id) => seen[id] === true);
}
