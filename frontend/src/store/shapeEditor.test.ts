import { describe, expect, it } from 'vitest';

import type { ItemFace } from '../api/types';
import { distance, imagePx, type ImagePx } from '../model/coords';
import { faceItem, policy, wireLabels } from '../model/examples';
import { FaceSession } from './faceSession';

const annotate = (face: Partial<ItemFace> = {}): FaceSession => new FaceSession(faceItem({}, face), policy);
const at = (session: FaceSession, index: number): ImagePx =>
  session.labels.landmarks?.points[index] ?? imagePx(NaN, NaN);

function drag(session: FaceSession, index: number, dx: number, dy: number, slide = false): void {
  const from = at(session, index);
  session.beginPointDrag(index, from, slide);
  session.dragTo(imagePx(from.x + dx / 2, from.y + dy / 2));
  session.dragTo(imagePx(from.x + dx, from.y + dy));
  session.endDrag();
}

describe('dragging with the shape', () => {
  it('it_moves_the_neighbours_in_one_undo_step_with_the_pin', () => {
    const session = annotate();
    const before = at(session, 37);
    drag(session, 36, 8, 0);
    expect(session.pins).toEqual([36]);
    expect(distance(before, at(session, 37))).toBeGreaterThan(1);
    session.undo();
    expect(session.pins).toEqual([]);
    expect(at(session, 37)).toEqual(before);
    expect(session.canUndo).toBe(false);
    session.redo();
    expect(session.pins).toEqual([36]);
  });

  it('it_says_where_the_dragged_point_is_only_while_it_is_dragged', () => {
    const session = annotate();
    session.beginPointDrag(36, at(session, 36));
    expect(session.held).toEqual(at(session, 36));
    session.endDrag();
    expect(session.held).toBeNull();
  });

  it('it_pins_what_arrows_move_and_moves_nothing_else_when_plain', () => {
    const session = annotate();
    session.habits.togglePlain();
    const before = session.labels.landmarks?.points;
    session.select({ kind: 'point', index: 8 });
    session.nudge(imagePx(0, 0.25), false);
    session.endNudge();
    expect(session.pins).toEqual([8]);
    expect(session.labels.landmarks?.points.filter((p, i) => p !== before?.[i])).toHaveLength(1);
  });

  it('it_pins_and_lets_go_the_selected_point', () => {
    const session = annotate();
    session.togglePin();
    expect(session.canUndo).toBe(false);
    session.select({ kind: 'point', index: 8 });
    session.togglePin();
    expect(session.pins).toEqual([8]);
    session.undo();
    expect(session.pins).toEqual([]);
  });

  it('it_slides_jaw_points_and_says_why_it_cannot', () => {
    const session = annotate();
    drag(session, 4, 0, 8, true);
    expect(session.pins).toEqual([4]);
    expect(at(session, 36)).toEqual(at(annotate(), 36));
    session.select({ kind: 'point', index: 9 });
    session.removeSelected();
    drag(session, 4, 0, 8, true);
    expect(session.pins).toEqual([4]);
  });

  it('it_keeps_pins_in_the_draft_and_out_of_the_submission', () => {
    const session = annotate();
    drag(session, 36, 8, 0);
    expect(JSON.stringify(session.submission())).not.toContain('pins');
    const again = annotate();
    const data = structuredClone(session.draftData());
    expect(again.restore({ data, updated_at: '2026-01-01T00:00:00Z' })).toBe(true);
    expect(again.pins).toEqual([36]);
    drag(again, 39, 2, 0);
    expect(distance(at(again, 36), at(session, 36))).toBeLessThan(0.01);
  });

  it('it_restores_a_draft_of_pins_alone_and_leaves_no_step_of_one_that_says_nothing', () => {
    const session = annotate();
    session.select({ kind: 'point', index: 8 });
    session.togglePin();
    const updated_at = '2026-01-01T00:00:00Z';
    const again = annotate();
    expect(again.restore({ data: session.draftData(), updated_at })).toBe(true);
    expect(again.pins).toEqual([8]);
    session.undo();
    const empty = annotate();
    expect(empty.restore({ data: session.draftData(), updated_at })).toBe(false);
    expect(empty.canUndo).toBe(false);
  });

  it('it_locks_the_shape_in_a_check_until_it_is_corrected', () => {
    const session = new FaceSession(faceItem({ kind: 'check', pass_number: 2 }), policy);
    session.select({ kind: 'point', index: 8 });
    session.togglePin();
    session.toggleFit();
    session.mirror();
    session.togglePartFit('lips');
    expect([session.pins, session.placing, session.part, session.canUndo]).toEqual([[], null, null, false]);
  });
});

describe('three clicks', () => {
  it('it_is_one_undo_step_and_can_be_left_and_taken_back', () => {
    const session = annotate();
    session.toggleFit();
    session.fitClick(imagePx(130, 140));
    session.fitClick(imagePx(171, 140));
    expect(session.canUndo).toBe(false);
    expect(session.unclick()).toBe(true);
    expect(session.placing?.cross).toEqual(imagePx(171, 140));
    session.moveCross(imagePx(-1, 0));
    session.fitClick(session.placing?.cross ?? imagePx(0, 0));
    session.fitClick(imagePx(150, 185));
    expect(session.placing).toBeNull();
    expect(session.isDirty).toBe(true);
    session.undo();
    expect(session.isDirty).toBe(false);
    session.toggleFit();
    expect(session.leaveMode()).toBe(true);
    expect(session.leaveMode()).toBe(false);
  });

  it('it_says_that_clicks_on_one_line_fit_nothing', () => {
    const session = annotate();
    session.toggleFit();
    for (const x of [1, 2, 3]) session.fitClick(imagePx(x, x));
    expect(session.said).toBe('oneLine');
    expect(session.canUndo).toBe(false);
  });

  it('it_places_a_face_that_came_without_points', () => {
    const bare = { landmarks: null, visibility: null };
    const session = annotate({ labels: wireLabels(bare), prelabel: null });
    expect(session.isUnplaced).toBe(true);
    session.toggleFit();
    for (const click of [imagePx(130, 140), imagePx(170, 140), imagePx(150, 185)]) session.fitClick(click);
    expect(session.isUnplaced).toBe(false);
  });
});

describe('sides and parts', () => {
  it('it_mirrors_in_one_step_and_says_why_not', () => {
    const session = annotate();
    drag(session, 36, 8, 0);
    expect(session.mirrorSource).toBe('left');
    session.mirror();
    session.undo();
    expect(session.pins).toEqual([36]);
    session.toggleLandmarks();
    session.mirror();
    expect(session.said).toBe('noPoints');
  });

  it('it_refits_a_part_by_hand_and_by_keys', () => {
    const session = annotate();
    session.togglePartFit();
    expect(session.said).toBe('selectPart');
    session.select({ kind: 'point', index: 50 });
    session.togglePartFit();
    expect(session.part?.name).toBe('lips');
    const before = at(session, 54);
    session.beginPartDrag('e', imagePx(0, 0));
    session.dragTo(imagePx(12, 5));
    session.endDrag();
    expect(at(session, 54).x).toBeCloseTo(before.x + 12);
    expect(at(session, 54).y).toBeCloseTo(before.y);
    session.cycleHandle(1);
    session.nudge(imagePx(0, 1), false);
    session.endNudge();
    session.undo();
    session.undo();
    expect(at(session, 54)).toEqual(before);
    expect(session.canUndo).toBe(false);
    session.togglePartFit();
    expect(session.part).toBeNull();
  });

  it('it_takes_a_cancelled_box_back', () => {
    const session = annotate();
    session.togglePartFit('nose');
    const { part } = session;
    session.beginPartDrag('move', imagePx(0, 0));
    session.dragTo(imagePx(30, 5));
    session.cancelDrag();
    expect(session.part?.box).toEqual(part?.box);
    expect(session.canUndo).toBe(false);
  });
});

describe('uncertain points', () => {
  it('it_lists_them_until_they_are_confirmed_and_goes_from_one_to_the_next', () => {
    const session = annotate({ uncertain: [5, 6, 36] });
    expect(session.uncertain).toEqual([5, 6, 36]);
    session.nextUncertain(1);
    session.nextUncertain(1);
    expect(session.selection).toEqual({ kind: 'point', index: 6 });
    session.togglePin();
    expect(session.uncertain).toEqual([5, 36]);
    session.nextUncertain(1);
    session.nextUncertain(1);
    expect(session.selection).toEqual({ kind: 'point', index: 5 });
    session.nextUncertain(-1);
    expect(session.selection).toEqual({ kind: 'point', index: 36 });
    session.toggleLandmarks();
    session.nextUncertain(1);
    expect(session.said).toBe('noneUncertain');
  });

  it('it_does_not_doubt_what_an_earlier_person_moved', () => {
    const moved = wireLabels();
    moved.landmarks = moved.landmarks?.map((p, i) => (p && i === 5 ? [p[0] + 3, p[1]] : p)) ?? null;
    expect(annotate({ labels: moved, uncertain: [5, 6] }).uncertain).toEqual([6]);
    expect(annotate({ prelabel: null, uncertain: [5, 6] }).uncertain).toEqual([]);
  });
});

describe('versions of other people', () => {
  it('it_keeps_pins_only_of_parts_that_were_not_taken', () => {
    const versions = [
      { revision: 1, author: 'A', labels: wireLabels(), comment: '' },
      { revision: 2, author: 'B', labels: wireLabels(), comment: '' },
    ];
    const session = new FaceSession(faceItem({ kind: 'adjudicate' }, { versions }), policy);
    for (const index of [36, 60]) {
      session.select({ kind: 'point', index });
      session.togglePin();
    }
    session.pickPart('B', 'lips');
    expect(session.pins).toEqual([36]);
    session.pick('A');
    expect(session.pins).toEqual([]);
  });
});
