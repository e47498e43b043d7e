/**
 * Editors of the shape: pure functions (model, state, gesture) -> state. A point that a person moves is pinned; the
 * unpinned ones go where faces have them. Removed points stay removed. null: it cannot be done, and `whyNot…` says why.
 */

import type { ImagePx } from '../model/coords';
import type { FaceState } from '../model/faceState';
import { VISIBLE, type Labels, type Landmarks } from '../model/labels';
import { JAW_LAST, POINTS, templateInBox } from '../model/ibug68';
import type { Points68, ShapeModel } from '../model/shapeModel';
import {
  fitThree,
  mirrorSide,
  PARTS,
  refitPart,
  settle,
  SIDES,
  slideJaw,
  type LevelBox,
  type PartName,
  type Side,
} from '../model/shapeMoves';
import { movePoint } from './landmarks';

const withPoints = (labels: Labels, points: Points68): Labels =>
  labels.landmarks ? { ...labels, landmarks: { states: labels.landmarks.states, points } } : labels;

const withPin = (pins: readonly number[], index: number): readonly number[] =>
  pins.includes(index) ? pins : [...pins, index].sort((a, b) => a - b);

/** Put a present point somewhere: it is pinned there, and unless `plain` the unpinned ones follow. */
export function placePoint(
  model: ShapeModel,
  state: FaceState,
  index: number,
  to: ImagePx,
  plain: boolean,
): FaceState {
  const { landmarks } = state.labels;
  if (!landmarks?.points[index]) return state;
  const pins = withPin(state.shape.pins, index);
  if (plain) {
    return { labels: movePoint(state.labels, index, to), shape: { ...state.shape, pins, base: null } };
  }
  const base = state.shape.base ?? landmarks.points;
  const points = settle(model, base, placesOf(pins, landmarks.points, index, to), state.shape.start);
  return { labels: withPoints(state.labels, points), shape: { ...state.shape, pins, base } };
}

function placesOf(
  pins: readonly number[],
  points: Points68,
  moved?: number,
  to?: ImagePx,
): Map<number, ImagePx> {
  const places = new Map<number, ImagePx>();
  for (const index of pins) {
    const place = index === moved ? to : points[index];
    if (place) places.set(index, place);
  }
  return places;
}

/** Confirm a point where it lies, or let it follow the others again, which puts it where they say it belongs. */
export function togglePin(model: ShapeModel, state: FaceState, index: number): FaceState {
  const { landmarks } = state.labels;
  const { pins, base, start } = state.shape;
  if (!landmarks?.points[index]) return state;
  if (!pins.includes(index)) return { ...state, shape: { ...state.shape, pins: withPin(pins, index) } };
  const rest = pins.filter((pin) => pin !== index);
  const shape = { ...state.shape, pins: rest };
  if (!base) return { ...state, shape };
  const points = settle(model, base, placesOf(rest, landmarks.points), start);
  return { labels: withPoints(state.labels, points), shape };
}

/**
 * A whole face with its eyes and mouth centred on the clicks; pins are let go. The eyes may come in either order: the
 * mouth tells which side is which. null if the clicks lie in one place or on one line.
 */
export function fitFace(
  model: ShapeModel,
  state: FaceState,
  [one, other, mouth]: readonly [ImagePx, ImagePx, ImagePx],
): FaceState | null {
  const turn = (other.x - one.x) * (mouth.y - one.y) - (other.y - one.y) * (mouth.x - one.x);
  if (Math.abs(turn) < 1) return null;
  const [left, right] = turn > 0 ? [one, other] : [other, one];
  const fitted = fitThree(model, left, right, mouth);
  if (!fitted) return null;
  const before = state.labels.landmarks;
  const landmarks: Landmarks = before
    ? { states: before.states, points: fitted.map((p, i) => (before.points[i] ? p : null)) }
    : { points: fitted, states: Array.from({ length: POINTS }, () => VISIBLE) };
  return { labels: { ...state.labels, landmarks }, shape: { pins: [], base: null, start: 'template' } };
}

/** Where the centres of eyes and mouth would be clicked first: those of the template in the box. */
export function expectedClicks(labels: Labels, rollDegrees: number): readonly [ImagePx, ImagePx, ImagePx] {
  const template = templateInBox(labels.box, rollDegrees);
  const centre = (from: number, to: number): ImagePx => {
    const part = template.slice(from, to);
    const sum = part.reduce((total, p) => ({ x: total.x + p.x, y: total.y + p.y }), { x: 0, y: 0 });
    return { x: sum.x / part.length, y: sum.y / part.length };
  };
  return [centre(36, 42), centre(42, 48), centre(48, 60)];
}

/** One side becomes the mirror image of `source`; pinned points stay. null without two points of the middle. */
export function mirrorFace(state: FaceState, source: Side): FaceState | null {
  const { landmarks } = state.labels;
  const found = landmarks && mirrorSide(landmarks.points, source, new Set(state.shape.pins));
  return found && derived(state, found, state.shape.pins);
}

/** The side that more pins lie on, else that of the selected point, else the left one. */
export function betterSide(state: FaceState, selected: number | null): Side {
  const count = (side: Side): number => state.shape.pins.filter((pin) => SIDES[side].includes(pin)).length;
  const more = count('left') - count('right');
  if (more !== 0) return more > 0 ? 'left' : 'right';
  return selected !== null && SIDES.right.includes(selected) ? 'right' : 'left';
}

/** Slide a jaw point by a displacement, along the jaw's curve; null if that is not a jaw point or one is missing. */
export function slidePoint(state: FaceState, index: number, delta: ImagePx): FaceState | null {
  const points = state.labels.landmarks?.points;
  if (!points || index > JAW_LAST) return null;
  const [before, after] = [points[Math.max(0, index - 1)], points[Math.min(16, index + 1)]];
  if (!before || !after) return null;
  const length = Math.hypot(after.x - before.x, after.y - before.y) || 1;
  const along = (delta.x * (after.x - before.x) + delta.y * (after.y - before.y)) / length;
  const keep = new Set(state.shape.pins.filter((pin) => pin !== index));
  const found = slideJaw(points, index, along, keep);
  if (!found) return null;
  return {
    labels: withPoints(state.labels, found),
    shape: { ...state.shape, pins: withPin(state.shape.pins, index), base: null },
  };
}

/** One part fills a box that is level with the face; pinned points stay. null for an empty box. */
export function refitFace(state: FaceState, part: PartName, box: LevelBox, roll: number): FaceState | null {
  const { landmarks } = state.labels;
  const found = landmarks && refitPart(landmarks.points, part, box, roll, new Set(state.shape.pins));
  return found && derived(state, found, state.shape.pins);
}

/** After a mirror or a re-fit the pose is right: what follows a later drag is the neighbourhood, as in a pre-label. */
function derived(state: FaceState, points: Points68, pins: readonly number[]): FaceState {
  return { labels: withPoints(state.labels, points), shape: { pins, base: null, start: 'prelabel' } };
}

/** The part that a point belongs to; null for the jaw, which slides instead. */
export function partOf(index: number): PartName | null {
  const found = Object.entries(PARTS).find(([, points]) => (points as readonly number[]).includes(index));
  return found ? (found[0] as PartName) : null;
}
