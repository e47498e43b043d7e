import { describe, expect, it } from 'vitest';

import { distance, imagePx, type ImagePx } from '../model/coords';
import { wireLabels } from '../model/examples';
import {
  isPinned,
  relabelled,
  stateFromData,
  stateToData,
  untouched,
  type FaceState,
} from '../model/faceState';
import { fromWire } from '../model/labels';
import { defaultShapeModel } from '../model/shapeModels';
import { chooseClass } from './attributes';
import { removePoint, restorePoint } from './landmarks';
import {
  betterSide,
  expectedClicks,
  fitFace,
  mirrorFace,
  partOf,
  placePoint,
  refitFace,
  slidePoint,
  togglePin,
} from './shape';

const model = defaultShapeModel();
const labels = fromWire(wireLabels());
const start = untouched(labels, 'prelabel');
const at = (state: FaceState, index: number): ImagePx =>
  state.labels.landmarks?.points[index] ?? imagePx(NaN, NaN);
const moved = (before: FaceState, after: FaceState, index: number): number =>
  distance(at(before, index), at(after, index));
const by = (state: FaceState, index: number, dx: number, dy: number): ImagePx =>
  imagePx(at(state, index).x + dx, at(state, index).y + dy);

describe('placing a point', () => {
  it('it_lies_exactly_where_it_was_put_and_takes_its_neighbours_along', () => {
    const after = placePoint(model, start, 36, by(start, 36, 6, -4), false);
    expect(at(after, 36)).toEqual(by(start, 36, 6, -4));
    expect(after.shape.pins).toEqual([36]);
    expect(moved(start, after, 37)).toBeGreaterThan(1);
    expect(moved(start, after, 37)).toBeGreaterThan(4 * moved(start, after, 8));
  });

  it('it_keeps_pinned_points_to_the_last_digit', () => {
    const first = placePoint(model, start, 36, by(start, 36, 6, -4), false);
    const second = placePoint(model, first, 39, by(start, 39, -5, 3), false);
    expect(at(second, 36)).toEqual(at(first, 36));
    expect(second.shape.pins).toEqual([36, 39]);
  });

  it('it_does_not_matter_in_which_order_points_are_placed', () => {
    const [a, b] = [by(start, 36, 6, -4), by(start, 39, -5, 3)];
    const one = placePoint(model, placePoint(model, start, 36, a, false), 39, b, false);
    const other = placePoint(model, placePoint(model, start, 39, b, false), 36, a, false);
    for (let i = 0; i < 68; i += 1) expect(moved(one, other, i)).toBeLessThan(1e-6);
  });

  it('it_follows_a_wandering_hand_without_remembering_where_it_was', () => {
    const direct = placePoint(model, start, 30, by(start, 30, 4, 0), false);
    const detour = placePoint(model, start, 30, by(start, 30, 80, 60), false);
    const back = placePoint(model, detour, 30, by(start, 30, 4, 0), false);
    for (let i = 0; i < 68; i += 1) expect(moved(direct, back, i)).toBeLessThan(1e-6);
  });

  it('it_moves_only_itself_when_plain', () => {
    const after = placePoint(model, start, 36, by(start, 36, 6, -4), true);
    expect(Array.from({ length: 68 }, (_, i) => i).filter((i) => moved(start, after, i) > 0)).toEqual([36]);
    expect(isPinned(after, 36)).toBe(true);
    const next = placePoint(model, after, 45, by(after, 45, 0, 3), false);
    expect(at(next, 36)).toEqual(at(after, 36));
  });

  it('it_leaves_removed_points_away_and_moves_the_face_of_a_template_as_a_whole', () => {
    const without = relabelled(untouched(labels, 'template'), removePoint(labels, 5));
    const after = placePoint(model, without, 30, by(start, 30, 20, 0), false);
    expect(after.labels.landmarks?.points[5]).toBeNull();
    expect(moved(start, after, 8)).toBeGreaterThan(8);
    expect(placePoint(model, after, 5, imagePx(0, 0), false)).toBe(after);
  });
});

describe('pins', () => {
  it('it_confirms_a_point_without_moving_anything', () => {
    const dragged = placePoint(model, start, 36, by(start, 36, 6, -4), false);
    const pinned = togglePin(model, dragged, 38);
    expect(pinned.shape.pins).toEqual([36, 38]);
    expect(pinned.labels).toBe(dragged.labels);
    const later = placePoint(model, pinned, 36, by(start, 36, 9, 9), false);
    expect(moved(pinned, later, 38)).toBe(0);
  });

  it('it_lets_a_point_follow_again', () => {
    const dragged = placePoint(model, start, 36, by(start, 36, 6, -4), false);
    const free = togglePin(model, dragged, 36);
    expect(free.shape.pins).toEqual([]);
    for (let i = 0; i < 68; i += 1) expect(moved(start, free, i)).toBeLessThan(1e-6);
  });

  it('it_forgets_the_pin_of_a_point_that_is_removed', () => {
    const pinned = togglePin(model, togglePin(model, start, 5), 6);
    const without = relabelled(pinned, removePoint(pinned.labels, 5));
    expect(without.shape.pins).toEqual([6]);
    const back = relabelled(without, restorePoint(without.labels, 5, at(start, 5)));
    expect(isPinned(back, 5)).toBe(false);
  });

  it('it_is_left_alone_by_other_labels', () => {
    const dragged = placePoint(model, start, 36, by(start, 36, 6, -4), false);
    const named = relabelled(dragged, chooseClass(dragged.labels, 'gender', 'male'));
    expect(named.shape).toBe(dragged.shape);
    expect(relabelled(named, named.labels)).toBe(named);
  });

  it('it_survives_a_draft_and_older_drafts_have_none', () => {
    const dragged = togglePin(model, placePoint(model, start, 36, by(start, 36, 6, -4), false), 8);
    const read = stateFromData(
      JSON.parse(JSON.stringify(stateToData(dragged))) as Record<string, unknown>,
      'template',
    );
    expect(read?.shape.pins).toEqual([8, 36]);
    expect(read?.shape.start).toBe('prelabel');
    expect(moved(dragged, read ?? start, 36)).toBeLessThan(0.01);
    const { labels: old } = stateToData(dragged);
    expect(stateFromData({ labels: old }, 'template')?.shape).toEqual({
      pins: [],
      base: null,
      start: 'template',
    });
    expect(stateFromData({}, 'template')).toBeNull();
    const odd = { labels: old, shape: { pins: [3, 'x', 99, 3], base: [1, 2], start: '?' } };
    expect(stateFromData(odd, 'prelabel')?.shape).toEqual({ pins: [3], base: null, start: 'prelabel' });
  });
});

describe('the whole face from three clicks', () => {
  const clicks = [imagePx(130, 140), imagePx(170, 140), imagePx(150, 185)] as const;
  const centre = (state: FaceState, from: number, to: number): ImagePx => {
    const part = Array.from({ length: to - from }, (_, i) => at(state, from + i));
    return imagePx(
      part.reduce((sum, p) => sum + p.x, 0) / part.length,
      part.reduce((sum, p) => sum + p.y, 0) / part.length,
    );
  };

  it('it_lays_the_centres_on_the_clicks_and_begins_anew', () => {
    const after = fitFace(model, togglePin(model, start, 3), clicks) ?? start;
    expect(distance(centre(after, 36, 42), clicks[0])).toBeLessThan(1e-6);
    expect(distance(centre(after, 42, 48), clicks[1])).toBeLessThan(1e-6);
    expect(distance(centre(after, 48, 60), clicks[2])).toBeLessThan(1e-6);
    expect(after.shape).toEqual({ pins: [], base: null, start: 'template' });
  });

  it('it_takes_the_eyes_in_either_order_whichever_way_the_face_is_turned', () => {
    const swapped = fitFace(model, start, [clicks[1], clicks[0], clicks[2]]) ?? start;
    expect(distance(centre(swapped, 36, 42), clicks[0])).toBeLessThan(1e-6);
    const turned = clicks.map(({ x, y }) => imagePx(300 - x, 300 - y)) as [ImagePx, ImagePx, ImagePx];
    const upsideDown = fitFace(model, start, turned) ?? start;
    expect(distance(centre(upsideDown, 36, 42), turned[0])).toBeLessThan(1e-6);
  });

  it('it_makes_all_points_where_there_were_none_and_keeps_removed_ones_away', () => {
    const none = untouched({ ...labels, landmarks: null }, 'prelabel');
    expect(fitFace(model, none, clicks)?.labels.landmarks?.points.every(Boolean)).toBe(true);
    const without = relabelled(start, removePoint(labels, 5));
    expect(fitFace(model, without, clicks)?.labels.landmarks?.points[5]).toBeNull();
  });

  it('it_refuses_clicks_on_one_line', () => {
    expect(fitFace(model, start, [imagePx(1, 1), imagePx(2, 2), imagePx(3, 3)])).toBeNull();
    expect(fitFace(model, start, [clicks[0], clicks[0], clicks[0]])).toBeNull();
  });

  it('it_expects_the_clicks_in_the_box', () => {
    const [left, right, mouth] = expectedClicks(labels, 0);
    expect(left.x).toBeLessThan(right.x);
    expect(left.y).toBeCloseTo(right.y);
    expect(mouth.y).toBeGreaterThan(left.y);
  });
});

describe('sides, the jaw and parts', () => {
  it('it_mirrors_the_side_with_more_pins_and_keeps_pinned_points', () => {
    const left = placePoint(model, start, 36, by(start, 36, 6, -4), true);
    const both = togglePin(model, left, 16);
    expect(betterSide(start, null)).toBe('left');
    expect(betterSide(start, 45)).toBe('right');
    expect(betterSide(left, 45)).toBe('left');
    const after = mirrorFace(both, 'left') ?? both;
    expect(at(after, 45).x).toBeCloseTo(300 - at(both, 36).x, 6);
    expect(at(after, 45).y).toBeCloseTo(at(both, 36).y, 6);
    expect(moved(both, after, 16)).toBe(0);
    expect(after.shape.pins).toEqual([16, 36]);
  });

  it('it_cannot_mirror_without_a_middle_line', () => {
    let bare = labels;
    for (const index of [8, 27, 28, 29, 30, 33, 51, 57, 62]) bare = removePoint(bare, index);
    expect(mirrorFace(untouched(bare, 'prelabel'), 'left')).toBeNull();
  });

  it('it_slides_a_jaw_point_along_the_jaw_and_pins_it', () => {
    const after = slidePoint(start, 4, imagePx(0, 6)) ?? start;
    expect(after.shape.pins).toEqual([4]);
    const out = (p: ImagePx): number => ((p.x - 150) / 48) ** 2 + ((p.y - 128) / 70) ** 2;
    expect(out(at(after, 4))).toBeCloseTo(1, 1);
    expect(at(after, 4).y).toBeGreaterThan(at(start, 4).y + 3);
    expect(moved(start, after, 36)).toBe(0);
    expect(slidePoint(start, 20, imagePx(0, 6))).toBeNull();
    expect(slidePoint(relabelled(start, removePoint(labels, 9)), 4, imagePx(0, 6))).toBeNull();
  });

  it('it_fills_a_box_with_a_part_and_keeps_its_pinned_points', () => {
    const after = refitFace(start, 'lips', [120, 170, 180, 200], 0) ?? start;
    const lips = Array.from({ length: 20 }, (_, i) => at(after, 48 + i));
    expect(Math.min(...lips.map((p) => p.x))).toBeCloseTo(120);
    expect(Math.max(...lips.map((p) => p.y))).toBeCloseTo(200);
    expect(moved(start, after, 33)).toBe(0);
    const pinned = refitFace(togglePin(model, start, 51), 'lips', [120, 170, 180, 200], 0) ?? start;
    expect(moved(start, pinned, 51)).toBe(0);
    expect(refitFace(start, 'lips', [120, 170, 120, 200], 0)).toBeNull();
  });

  it('it_knows_the_part_of_a_point', () => {
    expect([0, 16, 17, 26, 30, 36, 47, 67].map(partOf)).toEqual([
      null,
      null,
      'left_brow',
      'right_brow',
      'nose',
      'left_eye',
      'right_eye',
      'lips',
    ]);
  });
});
