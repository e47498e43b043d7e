import { describe, expect, it } from 'vitest';

import { imagePx } from '../model/coords';
import { sweepItem } from '../model/examples';
import { SweepSession } from './sweepSession';

function drawn(session: SweepSession, from: [number, number], to: [number, number]): void {
  session.beginNew(imagePx(...from));
  session.dragTo(imagePx(...to));
  session.endDrag();
}

describe('a sweep', () => {
  it('it_adds_a_face_by_dragging', () => {
    const session = new SweepSession(sweepItem());
    drawn(session, [100, 100], [150, 160]);
    expect(session.submission()).toMatchObject({
      added: [{ box: [100, 100, 150, 160], suggestion: null }],
      rejected: [],
      verdict: null,
    });
    expect(session.counts.faces).toBe(1);
  });

  it('it_adds_a_face_by_two_clicks', () => {
    const session = new SweepSession(sweepItem());
    session.beginNew(imagePx(10, 10));
    session.endDrag(true);
    session.dragTo(imagePx(60, 70));
    session.endDrag();
    expect(session.drawn.map((face) => face.box)).toEqual([[10, 10, 60, 70]]);
  });

  it('it_drops_a_box_too_small_to_be_a_face', () => {
    const session = new SweepSession(sweepItem());
    drawn(session, [10, 10], [12, 12]);
    expect(session.drawn).toEqual([]);
    expect(session.canUndo).toBe(false);
  });

  it('it_rejects_open_faces_only', () => {
    const session = new SweepSession(sweepItem([{}, { state: 'accepted' }, { needs_person: 'unsure' }]));
    expect(session.counts).toEqual({ faces: 3, toConfirm: 1, suggested: 0 });
    for (const id of [1, 2]) {
      session.select({ kind: 'found', id });
      session.rejectSelected();
    }
    expect(session.submission().rejected).toEqual([1]);
    expect(session.counts.faces).toBe(2);
    session.undo();
    expect(session.submission().rejected).toEqual([]);
  });

  it('it_moves_a_drawn_box_in_one_step', () => {
    const session = new SweepSession(sweepItem());
    drawn(session, [100, 100], [150, 160]);
    const key = session.drawn[0]?.key ?? 0;
    session.beginEdit(key, 'move', imagePx(110, 110));
    session.dragTo(imagePx(115, 110));
    session.dragTo(imagePx(120, 110));
    session.endDrag();
    expect(session.drawn[0]?.box).toEqual([110, 100, 160, 160]);
    session.undo();
    expect(session.drawn[0]?.box).toEqual([100, 100, 150, 160]);
  });

  it('it_asks_why_a_photograph_is_rejected_but_not_why_it_is_turned', () => {
    const session = new SweepSession(sweepItem());
    session.decide('rotate90');
    expect(session.missing).toBeNull();
    session.decide('reject');
    expect(session.missing).toContain('Say why');
    session.explain('  a painting ');
    expect(session.missing).toBeNull();
    expect(session.submission()).toMatchObject({ verdict: 'reject', reason: 'a painting' });
  });

  it('it_survives_as_a_draft', () => {
    const session = new SweepSession(sweepItem([{}]));
    drawn(session, [100, 100], [150, 160]);
    session.select({ kind: 'found', id: 1 });
    session.rejectSelected();
    const draft = {
      sequence: 1,
      data: structuredClone(session.draftData()),
      updated_at: '2026-01-01T00:00:00Z',
    };
    const next = new SweepSession(sweepItem([{}]));
    expect(next.restore(draft)).toBe(true);
    expect(next.submission()).toMatchObject({
      added: [{ box: [100, 100, 150, 160], suggestion: null }],
      rejected: [1],
    });
    drawn(next, [200, 100], [250, 160]);
    expect(new Set(next.drawn.map((face) => face.key)).size).toBe(2);
  });

  it('it_goes_through_found_and_drawn_faces', () => {
    const session = new SweepSession(sweepItem([{}]));
    drawn(session, [100, 100], [150, 160]);
    session.select(null);
    session.cycle(1);
    expect(session.selection).toEqual({ kind: 'found', id: 1 });
    session.cycle(1);
    expect(session.selection?.kind).toBe('drawn');
    session.cycle(1);
    expect(session.selection).toEqual({ kind: 'found', id: 1 });
  });
});

/** Two doubtful boxes, the likelier first. */
const doubtful = (): SweepSession =>
  new SweepSession(
    sweepItem(
      [{}],
      [
        { id: 71, box: [200, 100, 240, 150] },
        { id: 72, box: [300, 100, 340, 150] },
      ],
    ),
  );

describe('suggestions in a sweep', () => {
  it('it_takes_the_likeliest_one_as_a_face_in_one_step', () => {
    const session = doubtful();
    expect(session.counts).toEqual({ faces: 1, toConfirm: 0, suggested: 2 });
    session.takeSuggestion();
    expect(session.counts).toEqual({ faces: 2, toConfirm: 0, suggested: 1 });
    expect(session.suggestion?.id).toBe(72);
    session.undo();
    expect(session.counts.suggested).toBe(2);
    expect(session.isDirty).toBe(false);
  });

  it('it_sends_what_was_taken_moved_or_not_and_what_was_dismissed', () => {
    const session = doubtful();
    session.takeSuggestion();
    session.nudge(imagePx(5, 0), false);
    session.endNudge();
    session.dismissSuggestion();
    expect(session.suggestion).toBeNull();
    expect(session.submission()).toMatchObject({
      added: [{ box: [205, 100, 245, 150], suggestion: 71 }],
      dismissed: [72],
    });
  });

  it('it_is_about_the_selected_one', () => {
    const session = doubtful();
    session.select({ kind: 'suggested', id: 72 });
    session.dismissSuggestion();
    expect(session.submission().dismissed).toEqual([72]);
    session.rejectSelected();
    expect(session.openSuggestions.map((one) => one.id)).toEqual([71]);
  });

  it('it_suggests_again_what_was_taken_and_removed', () => {
    const session = doubtful();
    session.takeSuggestion();
    session.rejectSelected();
    expect(session.openSuggestions).toHaveLength(2);
  });

  it('it_keeps_answers_in_the_draft_but_not_to_suggestions_that_are_gone', () => {
    const session = doubtful();
    session.takeSuggestion();
    session.dismissSuggestion();
    const data = structuredClone(session.draftData());
    const next = doubtful();
    next.restore({ data, updated_at: '2026-01-01T00:00:00Z' });
    expect(next.submission()).toMatchObject({ added: [{ suggestion: 71 }], dismissed: [72] });
    const later = new SweepSession(sweepItem([{}], []));
    later.restore({ data, updated_at: '2026-01-01T00:00:00Z' });
    expect(later.submission().dismissed).toEqual([]);
    expect(later.submission().added).toHaveLength(1);
  });

  it('it_takes_no_verdict_together_with_changes_to_faces', () => {
    const session = doubtful();
    session.takeSuggestion();
    session.decide('rotate90');
    expect(session.missing).toContain('undo');
    session.undo();
    session.undo();
    session.decide('rotate90');
    expect(session.missing).toBeNull();
  });
});

describe('a box by four extreme points', () => {
  const points = [imagePx(50, 80), imagePx(70, 20), imagePx(90, 60), imagePx(60, 110)] as const;

  it('it_is_their_hull_and_one_step', () => {
    const session = new SweepSession(sweepItem());
    for (const [i, point] of points.entries()) {
      expect(session.clicks).toBe(i);
      session.addExtreme(point);
    }
    expect(session.clicks).toBe(0);
    expect(session.drawn.map((face) => face.box)).toEqual([[50, 20, 90, 110]]);
    session.undo();
    expect(session.drawn).toEqual([]);
    expect(session.canUndo).toBe(false);
  });

  it('it_takes_the_last_click_back_and_nothing_else', () => {
    const session = new SweepSession(sweepItem());
    drawn(session, [100, 100], [150, 160]);
    session.addExtreme(points[0]);
    session.addExtreme(points[1]);
    session.undo();
    expect(session.clicks).toBe(1);
    expect(session.takeClickBack()).toBe(true);
    expect(session.drag).toBeNull();
    expect(session.takeClickBack()).toBe(false);
    expect(session.drawn).toHaveLength(1);
  });

  it('it_leaves_nothing_when_it_is_cancelled', () => {
    const session = new SweepSession(sweepItem());
    session.addExtreme(points[0]);
    session.cancelDrag();
    expect(session.isDirty).toBe(false);
    expect(session.clicks).toBe(0);
  });
});

describe('a box drawn with the keys', () => {
  it('it_is_drawn_by_two_corners', () => {
    const session = new SweepSession(sweepItem());
    session.takePen(imagePx(100, 100));
    session.pressPen(false);
    expect(session.clicks).toBe(1);
    session.movePen(imagePx(40, 50));
    session.pressPen(false);
    expect(session.drawn.map((face) => face.box)).toEqual([[100, 100, 140, 150]]);
    expect(session.pen).toBeNull();
  });

  it('it_stays_on_the_photograph', () => {
    const session = new SweepSession(sweepItem());
    session.takePen(imagePx(-20, 100));
    session.movePen(imagePx(1000, 1000));
    expect(session.pen).toEqual(imagePx(400, 300));
  });

  it('it_is_moved_and_stretched_afterwards', () => {
    const session = new SweepSession(sweepItem());
    drawn(session, [100, 100], [150, 160]);
    session.stretch(imagePx(10, 5), false);
    session.endNudge();
    session.nudge(imagePx(-1, 0), false);
    session.endNudge();
    expect(session.drawn[0]?.box).toEqual([99, 100, 159, 165]);
    session.undo();
    session.undo();
    expect(session.drawn[0]?.box).toEqual([100, 100, 150, 160]);
  });
});
