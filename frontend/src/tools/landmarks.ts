/** Editors of landmarks: pure functions (labels, point, …) -> labels. An edit that changes nothing returns its input. */

import { imagePx, type ImagePx } from '../model/coords';
import { POINTS, templateInBox, templateThrough } from '../model/ibug68';
import { HIDDEN, MISSING, VISIBLE, type Labels, type Landmarks, type PointState } from '../model/labels';

function withPoint(landmarks: Landmarks, index: number, point: ImagePx | null, state: PointState): Landmarks {
  return {
    points: landmarks.points.map((p, i) => (i === index ? point : p)),
    states: landmarks.states.map((s, i) => (i === index ? state : s)),
  };
}

/** Put a present point somewhere else; it keeps its state. */
export function movePoint(labels: Labels, index: number, to: ImagePx): Labels {
  const { landmarks } = labels;
  const state = landmarks?.states[index];
  if (!landmarks?.points[index] || state === undefined) return labels;
  return { ...labels, landmarks: withPoint(landmarks, index, to, state) };
}

export function nudgePoint(labels: Labels, index: number, delta: ImagePx): Labels {
  const point = labels.landmarks?.points[index];
  return point ? movePoint(labels, index, imagePx(point.x + delta.x, point.y + delta.y)) : labels;
}

/** The point cannot be placed at all: it becomes missing. */
export function removePoint(labels: Labels, index: number): Labels {
  const { landmarks } = labels;
  if (!landmarks?.points[index]) return labels;
  return { ...labels, landmarks: withPoint(landmarks, index, null, MISSING) };
}

/** Bring a missing point back as visible. */
export function restorePoint(labels: Labels, index: number, at: ImagePx): Labels {
  const { landmarks } = labels;
  if (!landmarks || landmarks.states[index] !== MISSING) return labels;
  return { ...labels, landmarks: withPoint(landmarks, index, at, VISIBLE) };
}

/** Visible <-> hidden (placed although something covers it). */
export function toggleHidden(labels: Labels, index: number): Labels {
  const { landmarks } = labels;
  const point = landmarks?.points[index];
  if (!landmarks || !point) return labels;
  const state = landmarks.states[index] === HIDDEN ? VISIBLE : HIDDEN;
  return { ...labels, landmarks: withPoint(landmarks, index, point, state) };
}

export function removeLandmarks(labels: Labels): Labels {
  return labels.landmarks ? { ...labels, landmarks: null } : labels;
}

/** All 68 points: those given (an earlier version of this face), else a frontal template laid into the box. */
export function addLandmarks(labels: Labels, earlier: Landmarks | null, rollDegrees: number): Labels {
  if (labels.landmarks) return labels;
  return { ...labels, landmarks: earlier ?? templateLandmarks(labels.box, rollDegrees) };
}

/** A frontal face laid into the box and turned by the roll, every point visible. */
export function templateLandmarks(box: Labels['box'], rollDegrees: number): Landmarks {
  return {
    points: templateInBox(box, rollDegrees),
    states: Array.from({ length: POINTS }, () => VISIBLE),
  };
}

/** Nearer than this to the template, in pixels, a point was not placed: stored coordinates are hundredths. */
const PLACED = 0.01;

/** True while no point was placed: all lie where the template in this box puts them, or are missing. */
export function isUnplaced(labels: Labels, rollDegrees: number): boolean {
  const { landmarks } = labels;
  if (!landmarks?.points.some((point) => point !== null)) return false;
  const template = templateInBox(labels.box, rollDegrees);
  return landmarks.points.every((point, i) => {
    const at = template[i];
    return (
      !point || (at !== undefined && Math.abs(point.x - at.x) <= PLACED && Math.abs(point.y - at.y) <= PLACED)
    );
  });
}

/** Another box with the template in it; a point that was removed stays away. */
export function templateMoved(labels: Labels, box: Labels['box'], rollDegrees: number): Labels {
  if (!labels.landmarks) return { ...labels, box };
  const { states, points } = labels.landmarks;
  const template = templateInBox(box, rollDegrees);
  return {
    ...labels,
    box,
    landmarks: { states, points: points.map((point, i) => point && (template[i] ?? point)) },
  };
}

/**
 * Where each missing point would come back (null for a point that is there): its place in the first of `earlier`
 * that knows it, else where the template puts it given the points that are there.
 */
export function ghostPlaces(
  labels: Labels,
  earlier: readonly (Landmarks | null)[],
  rollDegrees: number,
): (ImagePx | null)[] {
  const { landmarks } = labels;
  if (!landmarks) return [];
  let fallback: ImagePx[] | null = null;
  return landmarks.points.map((point, i) => {
    if (point) return null;
    for (const one of earlier) {
      const known = one?.points[i];
      if (known) return known;
    }
    fallback ??= templateThrough(landmarks.points) ?? templateInBox(labels.box, rollDegrees);
    return fallback[i] ?? null;
  });
}

/** The next (or previous) point in iBUG order, missing ones included; from null the first (or last). */
export function cycledPoint(labels: Labels, from: number | null, step: 1 | -1): number | null {
  if (!labels.landmarks) return null;
  if (from === null) return step === 1 ? 0 : POINTS - 1;
  return (from + step + POINTS) % POINTS;
}
