import { describe, expect, it } from 'vitest';

import { imagePx } from '../model/coords';
import { faceItem, policy, wireLabels } from '../model/examples';
import { sameLabels } from '../model/labels';
import { FaceSession } from './faceSession';

const annotate = (): FaceSession => new FaceSession(faceItem(), policy);
const check = (): FaceSession => new FaceSession(faceItem({ kind: 'check', pass_number: 2 }), policy);

describe('labelling one face', () => {
  it('it_starts_clean_and_without_an_age', () => {
    const session = annotate();
    expect(session.isDirty).toBe(false);
    expect(session.labels.age).toBeNull();
    expect(session.violations.map((one) => one.code)).toEqual(['age_missing']);
  });

  it('it_makes_one_undo_step_of_a_drag', () => {
    const session = annotate();
    session.beginPointDrag(30, imagePx(151, 157));
    session.dragTo(imagePx(160, 157));
    session.dragTo(imagePx(171, 167));
    session.endDrag();
    expect(session.labels.landmarks?.points[30]).toEqual(imagePx(170, 167));
    session.undo();
    expect(session.labels.landmarks?.points[30]).toEqual(imagePx(150, 157));
    expect(session.canUndo).toBe(false);
    session.redo();
    expect(session.labels.landmarks?.points[30]).toEqual(imagePx(170, 167));
  });

  it('it_forgets_a_drag_that_is_cancelled', () => {
    const session = annotate();
    session.beginPointDrag(30, imagePx(150, 157));
    session.dragTo(imagePx(190, 190));
    session.cancelDrag();
    expect(session.isDirty).toBe(false);
    expect(session.edits).toBe(0);
  });

  it('it_makes_one_step_of_a_held_arrow_key_and_two_of_two_presses', () => {
    const session = annotate();
    session.select({ kind: 'point', index: 8 });
    session.nudge(imagePx(1, 0), false);
    session.nudge(imagePx(1, 0), true);
    session.endNudge();
    session.nudge(imagePx(0, 1), false);
    session.endNudge();
    expect(session.labels.landmarks?.points[8]?.x).toBeCloseTo(152);
    session.undo();
    expect(session.labels.landmarks?.points[8]?.x).toBeCloseTo(152);
    session.undo();
    expect(session.labels.landmarks?.points[8]?.x).toBeCloseTo(150);
  });

  it('it_makes_one_step_of_a_typed_age_and_gives_digits_to_ethnicity_then', () => {
    const session = annotate();
    session.typeDigit('3');
    expect(session.labels.age).toBe(3);
    session.typeDigit('4');
    expect(session.labels.age).toBe(34);
    expect(session.ageEntry.active).toBe(false);
    session.undo();
    expect(session.labels.age).toBeNull();
    expect(session.ageEntry.active).toBe(true);
  });

  it('it_takes_a_single_digit_as_an_age_when_something_else_follows', () => {
    const session = annotate();
    session.typeDigit('7');
    session.choose('gender', 'male');
    expect(session.labels).toMatchObject({ age: 7, gender: 'male' });
    session.undo();
    expect(session.labels).toMatchObject({ age: 7, gender: 'female' });
  });

  it('it_removes_a_point_and_puts_it_back_where_it_was', () => {
    const session = annotate();
    session.select({ kind: 'point', index: 5 });
    const was = session.labels.landmarks?.points[5];
    session.removeSelected();
    expect(session.labels.landmarks?.points[5]).toBeNull();
    session.restoreSelected();
    expect(session.labels.landmarks?.points[5]).toEqual(was);
  });

  it('it_draws_a_new_box_after_the_old_one_was_removed', () => {
    const session = annotate();
    session.select({ kind: 'box' });
    session.removeSelected();
    expect(session.awaitingBox).toBe(true);
    session.beginNewBox(imagePx(20, 30));
    session.dragTo(imagePx(120, 150));
    session.endDrag();
    expect(session.labels.box).toEqual([20, 30, 120, 150]);
    expect(session.awaitingBox).toBe(false);
    session.undo();
    expect(session.labels.box).toEqual([100, 100, 200, 200]);
  });

  it('it_solves_a_conflict_with_one_command', () => {
    const session = annotate();
    session.toggleFlag('profile');
    expect(session.violations[0]?.code).toBe('landmarks_on_profile');
    session.remedy();
    expect(session.labels.landmarks).toBeNull();
    session.undo();
    expect(session.labels.landmarks).not.toBeNull();
  });
});

describe('checking one face', () => {
  it('it_changes_nothing_but_the_age_before_correcting', () => {
    const session = check();
    session.choose('gender', 'male');
    session.toggleFlag('profile');
    session.toggleLandmarks();
    session.beginPointDrag(3, imagePx(0, 0));
    session.dragTo(imagePx(9, 9));
    session.typeDigit('4');
    session.typeDigit('0');
    expect(session.isCorrected).toBe(false);
    expect(session.submission()).toMatchObject({ verdict: 'accept', base_revision: 21 });
  });

  it('it_sends_a_correction_as_a_save', () => {
    const session = check();
    session.startCorrecting();
    session.choose('gender', 'male');
    session.setAge(40);
    expect(session.submission().verdict).toBe('save');
  });

  it('it_sends_a_dispute_with_its_reason', () => {
    expect(check().submission('Landmarks off')).toMatchObject({
      verdict: 'dispute',
      comment: 'Landmarks off',
    });
  });

  it('it_gives_each_submission_its_own_id', () => {
    const session = check();
    expect(session.submission().submission_id).not.toBe(session.submission().submission_id);
  });
});

describe('another version of the same face', () => {
  const theirs = wireLabels({ gender: 'male', age: 99 });

  it('it_can_take_theirs_and_keeps_the_own_age', () => {
    const session = annotate();
    session.setAge(30);
    session.meetTheirs('Ann', 25, theirs);
    session.resolve('theirs');
    expect(session.labels).toMatchObject({ gender: 'male', age: 30 });
    expect(session.submission()).toMatchObject({ base_revision: 25 });
  });

  it('it_can_keep_mine_on_top_of_theirs', () => {
    const session = check();
    session.setAge(30);
    session.meetTheirs('Ann', 25, theirs);
    session.resolve('mine');
    expect(session.labels.gender).toBe('female');
    expect(session.submission()).toMatchObject({ base_revision: 25, verdict: 'save' });
  });
});

describe('adjudicating', () => {
  it('it_takes_a_version_and_keeps_the_own_age', () => {
    const versions = [
      { revision: 1, author: 'A', labels: wireLabels(), comment: '' },
      { revision: 2, author: 'B', labels: wireLabels({ ethnicity: 'asian' }), comment: 'eyes' },
    ];
    const session = new FaceSession(faceItem({ kind: 'adjudicate' }, { versions }), policy);
    session.setAge(22);
    session.pick('B');
    expect(session.picked).toBe('B');
    expect(session.labels).toMatchObject({ ethnicity: 'asian', age: 22 });
    session.choose('gender', 'male');
    expect(session.picked).toBeNull();
  });

  it('it_puts_a_face_together_from_parts_of_versions', () => {
    const versions = [
      { revision: 1, author: 'A', comment: '', labels: wireLabels({ gender: 'female' }) },
      { revision: 2, author: 'B', comment: '', labels: wireLabels({ gender: 'male', flags: ['blurred'] }) },
    ];
    const session = new FaceSession(faceItem({ kind: 'adjudicate' }, { versions }), policy);
    expect(session.mergeRows.filter((row) => row.differs).map((row) => row.part)).toEqual([
      'gender',
      'flags',
    ]);
    session.setAge(22);
    session.pickPart('B', 'gender');
    expect(session.labels).toMatchObject({ gender: 'male', flags: [], age: 22 });
    session.undo();
    expect(session.labels.gender).toBe('female');
    expect(session.picked).toBeNull();
  });

  it('it_sends_a_dispute_back_with_the_reason', () => {
    const session = new FaceSession(faceItem({ kind: 'adjudicate' }), policy);
    expect(session.submission('Draw the box again')).toMatchObject({
      verdict: 'send_back',
      comment: 'Draw the box again',
    });
  });
});

describe('drafts of a face', () => {
  it('it_restores_what_it_wrote_and_can_discard_it', () => {
    const first = annotate();
    first.setAge(50);
    first.toggleFlag('blurred');
    const draft = {
      sequence: 3,
      data: structuredClone(first.draftData()),
      updated_at: '2026-01-01T00:00:00Z',
    };
    const second = annotate();
    expect(second.restore(draft)).toBe(true);
    expect(sameLabels(second.labels, first.labels)).toBe(true);
    expect(second.draftFrom).toEqual(new Date('2026-01-01T00:00:00Z'));
    second.discardDraft();
    expect(second.isDirty).toBe(false);
    second.undo();
    expect(second.labels.age).toBe(50);
  });

  it('it_ignores_a_draft_that_says_nothing_new_or_cannot_be_read', () => {
    const session = annotate();
    expect(session.restore({ sequence: 1, data: annotate().draftData(), updated_at: '2026-01-01' })).toBe(
      false,
    );
    expect(session.restore({ sequence: 1, data: { version: 99 }, updated_at: '2026-01-01' })).toBe(false);
    expect(session.isDirty).toBe(false);
  });

  it('it_keeps_the_base_that_an_old_draft_was_written_on', () => {
    const old = annotate();
    old.setAge(50);
    const draft = { sequence: 3, data: old.draftData(), updated_at: '2026-01-01T00:00:00Z' };
    const newer = new FaceSession(faceItem({}, { base_revision: 40 }), policy);
    newer.restore(draft);
    expect(newer.submission().base_revision).toBe(21);
  });
});
