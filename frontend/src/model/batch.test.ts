import { describe, expect, it } from 'vitest';

import {
  answerIn,
  batchKinds,
  batchLayout,
  batchOrder,
  batchQuestions,
  fitsBatch,
  flipped,
  isFinished,
  majorityOf,
  type BatchQuestion,
  type Described,
} from './batch';
import { faceItem, policy, sweepItem, wireLabels } from './examples';
import { fromWire } from './labels';

const GENDER: BatchQuestion = { kind: 'class', id: 'gender', answers: ['female', 'male', 'unsure'] };
const OCCLUDED: BatchQuestion = { kind: 'flag', id: 'flag.occluded', flag: 'occluded' };
const NONE: ReadonlySet<string> = new Set();

describe('what a screenful can be asked', () => {
  it('it_is_what_the_policy_asks_and_its_flags_but_never_age', () => {
    expect(batchQuestions(policy).map(({ id }) => id)).toEqual([
      'gender',
      'ethnicity',
      'flag.occluded',
      'flag.blurred',
      'flag.profile',
      'flag.not_a_face',
    ]);
    expect(batchQuestions({ ...policy, required: ['age'], flags: {} })).toEqual([]);
  });

  it('it_leaves_checks_out_where_checkers_answer_blind', () => {
    const blind = { ...policy, blind_in_checks: ['gender' as const] };
    expect(batchKinds(GENDER, policy)).toEqual(['annotate', 'check']);
    expect(batchKinds(GENDER, blind)).toEqual(['annotate']);
    expect(batchKinds(OCCLUDED, blind)).toEqual(['annotate', 'check']);
  });
});

describe('which faces stand on the screen', () => {
  it('it_takes_faces_to_label_and_to_check', () => {
    expect(fitsBatch(GENDER, faceItem(), policy)).toBe(true);
    expect(fitsBatch(GENDER, faceItem({ kind: 'check' }), policy)).toBe(true);
    expect(fitsBatch(GENDER, faceItem({ kind: 'adjudicate' }), policy)).toBe(false);
    expect(fitsBatch(GENDER, sweepItem(), policy)).toBe(false);
  });

  it('it_leaves_out_faces_whose_pre_label_is_hidden_or_that_no_model_described', () => {
    expect(fitsBatch(GENDER, faceItem({}, { blind: true }), policy)).toBe(false);
    expect(fitsBatch(GENDER, faceItem({}, { prelabel: null }), policy)).toBe(false);
    expect(fitsBatch(GENDER, faceItem({ kind: 'check' }, { prelabel: null }), policy)).toBe(true);
  });

  it('it_leaves_out_what_a_checker_is_asked_blind', () => {
    const check = faceItem({ kind: 'check' }, { asked_blind: ['gender'] });
    expect(fitsBatch(GENDER, check, policy)).toBe(false);
    expect(fitsBatch(OCCLUDED, check, policy)).toBe(true);
  });

  it('it_leaves_out_faces_of_which_a_flag_takes_the_answer_away', () => {
    const occluded = faceItem({}, { labels: wireLabels({ gender: null, flags: ['occluded'] }) });
    expect(fitsBatch(GENDER, occluded, policy)).toBe(false);
    expect(fitsBatch(OCCLUDED, occluded, policy)).toBe(true);
    const profile = faceItem({}, { labels: wireLabels({ landmarks: null, flags: ['profile'] }) });
    expect(fitsBatch(GENDER, profile, policy)).toBe(true);
  });
});

describe('answers', () => {
  it('it_reads_classes_and_flags', () => {
    const labels = fromWire(wireLabels({ gender: 'male', flags: ['blurred'] }));
    expect(answerIn(GENDER, labels)).toBe('male');
    expect(answerIn(GENDER, { ...labels, gender: null })).toBeNull();
    expect(answerIn(OCCLUDED, labels)).toBe('no');
    expect(answerIn(OCCLUDED, { ...labels, flags: ['occluded'] })).toBe('yes');
  });

  it('it_flips_through_the_classes_and_never_to_cannot_tell', () => {
    expect(['female', 'male', 'unsure', null].map((one) => flipped(GENDER, one))).toEqual([
      'male',
      'female',
      'female',
      'female',
    ]);
    expect(flipped(OCCLUDED, 'no')).toBe('yes');
    expect(flipped(OCCLUDED, 'yes')).toBe('no');
  });

  it('it_knows_a_majority_only_where_two_thirds_agree', () => {
    expect(majorityOf(['male', 'male', 'female', null, null])).toBe('male');
    expect(majorityOf(['male', 'male', 'male', 'female', 'female'])).toBeNull();
    expect(majorityOf([null, null])).toBeNull();
  });
});

describe('the order of the screen', () => {
  const face = (answer: string | null, uncertainty: number | null = null): Described => ({
    answer,
    uncertainty,
  });

  it('it_puts_the_frequent_answer_first_the_rare_one_after_it_and_none_last', () => {
    const faces = [face(null), face('female'), face('male'), face('male'), face('unsure')];
    expect(batchOrder(GENDER, faces)).toEqual([2, 3, 1, 4, 0]);
  });

  it('it_puts_the_models_surest_first_within_an_answer', () => {
    const faces = [face('male', 0.6), face('male', 0.1), face('male'), face('male', 0.3)];
    expect(batchOrder(GENDER, faces)).toEqual([2, 1, 3, 0]);
  });

  it('it_keeps_the_order_of_arrival_where_nothing_decides', () => {
    expect(batchOrder(OCCLUDED, [face('no'), face('no'), face('no')])).toEqual([0, 1, 2]);
  });
});

describe('when a face needs nothing more', () => {
  const few = { ...policy, required: ['gender', 'ethnicity'] };
  const labels = fromWire(wireLabels());

  it('it_is_finished_once_everything_that_the_policy_asks_is_confirmed', () => {
    expect(isFinished(few, labels, new Set(['gender']))).toBe(false);
    expect(isFinished(few, labels, new Set(['gender', 'ethnicity']))).toBe(true);
  });

  it('it_is_never_finished_while_points_or_age_are_asked', () => {
    const all = new Set(['gender', 'ethnicity']);
    expect(isFinished(policy, { ...labels, age: 30 }, all)).toBe(false);
    expect(isFinished({ ...few, required: [...few.required, 'landmarks'] }, labels, all)).toBe(false);
  });

  it('it_is_finished_by_a_flag_that_takes_everything_away', () => {
    const bare = { ...labels, landmarks: null, gender: null, ethnicity: null, flags: ['occluded'] };
    expect(isFinished(policy, bare, NONE)).toBe(true);
    expect(isFinished(policy, { ...bare, flags: ['profile'] }, NONE)).toBe(false);
  });

  it('it_is_not_finished_while_labels_contradict_the_policy', () => {
    const odd = { ...labels, gender: 'other' };
    expect(isFinished(few, odd, new Set(['gender', 'ethnicity']))).toBe(false);
  });
});

describe('the grid', () => {
  it('it_shows_24_faces_as_large_as_the_window_allows', () => {
    expect(batchLayout(1264, 580, 26)).toEqual({ columns: 8, rows: 3, side: 151 });
    expect(batchLayout(1008, 630, 26)).toEqual({ columns: 6, rows: 4, side: 125 });
  });

  it('it_shows_fewer_faces_rather_than_too_small_ones', () => {
    expect(batchLayout(500, 500, 26)).toEqual({ columns: 4, rows: 3, side: 119 });
    expect(batchLayout(100, 100, 26)).toEqual({ columns: 2, rows: 1, side: 96 });
  });
});
