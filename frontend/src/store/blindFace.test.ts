import { describe, expect, it } from 'vitest';

import type { ItemFace } from '../api/types';
import { imagePx } from '../model/coords';
import { faceItem, policy, wireLabels } from '../model/examples';
import { FaceSession } from './faceSession';

const bare = { landmarks: null, visibility: null, gender: null, ethnicity: null };

/** Without points: the pre-label is hidden (blind), or a person drew the box in a sweep. */
function withoutPoints(face: Partial<ItemFace> = {}): FaceSession {
  return new FaceSession(faceItem({}, { labels: wireLabels(bare), prelabel: null, ...face }), policy);
}
const codes = (session: FaceSession): string[] => session.violations.map((one) => one.code);
const point = (session: FaceSession, index: number) => session.labels.landmarks?.points[index];

describe('a face that comes without points', () => {
  it('it_starts_from_the_template_in_its_box', () => {
    for (const session of [withoutPoints({ blind: true, prelabel: wireLabels(bare) }), withoutPoints()]) {
      expect(point(session, 30)).toEqual(imagePx(150, 157));
      expect(session.isDirty).toBe(false);
      expect(session.canUndo).toBe(false);
    }
  });

  it('it_is_not_saved_before_a_point_was_placed', () => {
    const session = withoutPoints({ blind: true });
    expect(codes(session)).toContain('placement_missing');
    session.select({ kind: 'point', index: 30 });
    session.nudge(imagePx(1, 0), false);
    session.endNudge();
    expect(codes(session)).not.toContain('placement_missing');
    session.undo();
    expect(codes(session)).toContain('placement_missing');
  });

  it('it_takes_points_that_nobody_placed_along_with_the_box', () => {
    const session = withoutPoints();
    session.beginBoxDrag('move', imagePx(150, 150));
    session.dragTo(imagePx(160, 170));
    session.endDrag();
    expect(point(session, 30)).toEqual(imagePx(160, 177));
    session.select({ kind: 'point', index: 8 });
    session.nudge(imagePx(0, 2), false);
    session.endNudge();
    const placed = session.labels.landmarks;
    session.beginBoxDrag('move', imagePx(160, 170));
    session.dragTo(imagePx(150, 150));
    session.endDrag();
    expect(session.labels.box[0]).toBe(100);
    expect(session.labels.landmarks).toBe(placed);
  });

  it('it_may_have_no_points_where_a_flag_says_why', () => {
    const session = withoutPoints({ blind: true });
    session.toggleFlag('profile');
    expect(codes(session)).toContain('landmarks_on_profile');
    session.remedy();
    expect(session.labels.landmarks).toBeNull();
    expect(codes(session)).not.toContain('placement_missing');
  });

  it('it_has_no_template_where_the_labels_say_there_are_no_points', () => {
    const profile = wireLabels({ ...bare, flags: ['profile'] });
    expect(withoutPoints({ labels: profile }).labels.landmarks).toBeNull();
    const check = new FaceSession(
      faceItem({ kind: 'check', pass_number: 2 }, { labels: wireLabels(bare), prelabel: null }),
      policy,
    );
    expect(check.labels.landmarks).toBeNull();
  });
});

describe('a check that asks for labels blind', () => {
  /** As the server hands it out: points of the pre-label, words left out. */
  const check = (asked: ('landmarks' | 'gender' | 'ethnicity')[], changes: Partial<ItemFace> = {}) =>
    new FaceSession(faceItem({ kind: 'check' }, { asked_blind: asked, ...changes }), policy);

  it('it_accepts_with_own_blind_answers', () => {
    const labels = wireLabels({ gender: null });
    const session = check(['landmarks', 'gender'], { labels });
    session.setAge(30);
    session.choose('gender', 'male');
    session.select({ kind: 'point', index: 30 });
    session.nudge(imagePx(3, 0), false);
    session.endNudge();
    expect(session.isCorrected).toBe(false);
    const sent = session.submission();
    expect(sent.verdict).toBe('accept');
    expect(sent.labels.gender).toBe('male');
    expect(sent.labels.landmarks?.[30]?.[0]).toBeCloseTo((labels.landmarks?.[30]?.[0] ?? NaN) + 3, 2);
  });

  it('it_is_a_correction_only_if_something_shown_changes', () => {
    const session = check(['gender'], { labels: wireLabels({ gender: null }) });
    session.choose('ethnicity', 'black'); // locked: shown, and not corrected yet
    expect(session.labels.ethnicity).toBe('white');
    session.startCorrecting();
    session.choose('ethnicity', 'black');
    expect(session.isCorrected).toBe(true);
    expect(session.submission().verdict).toBe('save');
  });

  it('it_opens_the_points_at_once_and_words_without_correcting', () => {
    expect(check(['landmarks']).correcting).toBe(true);
    const words = check(['gender'], { labels: wireLabels({ gender: null }) });
    expect(words.correcting).toBe(false);
    words.choose('gender', 'female');
    expect(words.labels.gender).toBe('female');
  });

  it('it_starts_from_the_template_where_no_points_are_shown', () => {
    const session = check(['landmarks'], { labels: wireLabels(bare), prelabel: wireLabels(bare) });
    expect(point(session, 30)).toEqual(imagePx(150, 157));
    expect(codes(session)).toContain('placement_missing');
  });

  it('it_lists_no_changes_of_what_is_asked_blind', () => {
    const parts = check(['landmarks', 'gender']).changes?.map((change) => change.part);
    expect(parts).toEqual(['box', 'ethnicity', 'flags']);
  });
});
