import { describe, expect, it } from 'vitest';

import type { Finding, Lesson, LessonName, TutorialState } from '../api/types';
import type { LessonAnswered, TutorialApi } from '../api/teaching';
import { imagePx } from '../model/coords';
import { faceItem, policy, wireLabels } from '../model/examples';
import { TutorialSession } from './tutorialSession';

const state: TutorialState = { done: 0, total: 2, is_required: false, finished_at: null };
const right: Finding = {
  part: 'flags',
  verdict: 'right',
  box_iou: null,
  distance: null,
  right: null,
  down: null,
  points: null,
  years: null,
  given: [],
  expected: [],
};

function lesson(id: number, name: LessonName): Lesson {
  const { image, face } = faceItem({}, { id, labels: wireLabels({ gender: null, ethnicity: null }) });
  return { id, lesson: name, image, face, feedback: null };
}

function scripted(lessons: Lesson[]): { api: TutorialApi; sent: unknown[] } {
  const sent: unknown[] = [];
  return {
    sent,
    api: {
      load: () => Promise.resolve({ lessons, ...state, started_at: null }),
      answer: (id, labels): Promise<LessonAnswered> => {
        sent.push([id, labels]);
        return Promise.resolve({
          feedback: { findings: [right], given: labels, truth: wireLabels({ age: 30 }) },
          state: { ...state, done: sent.length },
        });
      },
      restart: () => Promise.resolve(state),
    },
  };
}

async function begun(names: LessonName[]): Promise<{ tutorial: TutorialSession; sent: unknown[] }> {
  const { api, sent } = scripted(names.map((name, i) => lesson(i + 1, name)));
  const tutorial = new TutorialSession({
    api,
    loadPicture: () => new Promise(() => undefined),
    dataset: 1,
    policy,
  });
  await tutorial.start();
  return { tutorial, sent };
}

const done = (tutorial: TutorialSession): string[] =>
  tutorial.steps.filter((step) => step.done).map((step) => step.id);

function fillIn(tutorial: TutorialSession): void {
  tutorial.session?.typeDigit('3');
  tutorial.session?.typeDigit('4');
  tutorial.session?.choose('gender', 'female');
  tutorial.session?.choose('ethnicity', 'white');
}

describe('tutorial', () => {
  it('it_ticks_off_selecting_dragging_and_nudging_as_they_happen', async () => {
    const { tutorial } = await begun(['points']);
    const { session } = tutorial;
    expect(done(tutorial)).toEqual([]);
    session?.select({ kind: 'point', index: 4 });
    expect(done(tutorial)).toEqual(['select']);
    const at = session?.labels.landmarks?.points[4] ?? imagePx(0, 0);
    session?.beginPointDrag(4, at);
    session?.dragTo(imagePx(at.x + 5, at.y));
    session?.endDrag();
    expect(done(tutorial)).toEqual(['select', 'drag']);
    session?.nudge(imagePx(0, 1), false);
    session?.endNudge();
    expect(done(tutorial)).toEqual(['select', 'drag', 'nudge']);
    fillIn(tutorial);
    expect(done(tutorial)).toEqual(['select', 'drag', 'nudge', 'complete']);
  });

  it('it_ticks_off_the_age_once_both_digits_are_typed', async () => {
    const { tutorial } = await begun(['age']);
    tutorial.session?.typeDigit('3');
    expect(done(tutorial)).toEqual([]);
    tutorial.session?.typeDigit('4');
    expect(done(tutorial)).toEqual(['age']);
    tutorial.session?.choose('gender', 'female');
    tutorial.session?.choose('ethnicity', 'white');
    expect(done(tutorial)).toEqual(['age', 'gender', 'ethnicity']);
  });

  it('it_sends_nothing_that_the_policy_forbids', async () => {
    const { tutorial, sent } = await begun(['age']);
    await tutorial.answer();
    expect([sent, tutorial.feedback]).toEqual([[], null]);
  });

  it('it_shows_what_was_right_and_locks_the_face_until_another_try', async () => {
    const { tutorial, sent } = await begun(['age', 'alone']);
    fillIn(tutorial);
    await tutorial.answer();
    expect(sent).toHaveLength(1);
    expect(tutorial.truth?.age).toBe(30);
    expect([tutorial.session?.correcting, tutorial.state?.done]).toEqual([false, 1]);
    tutorial.tryAgain();
    expect([tutorial.feedback, tutorial.session?.correcting]).toEqual([null, true]);
  });

  it('it_goes_on_with_the_next_open_face_and_ends_after_the_last', async () => {
    const { tutorial } = await begun(['age', 'alone']);
    fillIn(tutorial);
    await tutorial.answer();
    tutorial.next();
    expect([tutorial.place, tutorial.feedback]).toEqual([1, null]);
    fillIn(tutorial);
    await tutorial.answer();
    tutorial.next();
    expect(tutorial.status).toBe('finished');
  });

  it('it_lets_a_face_be_skipped_and_comes_back_to_it', async () => {
    const { tutorial } = await begun(['age', 'alone']);
    tutorial.next();
    expect(tutorial.place).toBe(1);
    fillIn(tutorial);
    await tutorial.answer();
    tutorial.next();
    expect(tutorial.place).toBe(0);
  });
});
