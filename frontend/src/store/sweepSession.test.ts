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
      added: [{ box: [100, 100, 150, 160] }],
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
    expect(session.counts).toEqual({ faces: 3, toConfirm: 1 });
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
    expect(next.submission()).toMatchObject({ added: [{ box: [100, 100, 150, 160] }], rejected: [1] });
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
