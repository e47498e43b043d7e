/** The labels of one face as the page edits them: immutable, pixels of the upright image. */

import type { BoxTuple, Labels as WireLabels } from '../api/types';
import { imagePx, type ImagePx } from './coords';
import { POINTS, REGIONS, type RegionName } from './ibug68';
import { partName } from './names';

export const VISIBLE = 0;
export const HIDDEN = 1;
export const MISSING = 2;
/** Seen; placed although something covers it; removed by a person. */
export type PointState = typeof VISIBLE | typeof HIDDEN | typeof MISSING;

/** 68 points; a point is null exactly where its state is MISSING. */
export interface Landmarks {
  readonly points: readonly (ImagePx | null)[];
  readonly states: readonly PointState[];
}

export interface Labels {
  readonly box: BoxTuple;
  readonly landmarks: Landmarks | null;
  readonly age: number | null;
  readonly gender: string | null;
  readonly ethnicity: string | null;
  /** Sorted. */
  readonly flags: readonly string[];
}

function stateFrom(value: number | undefined, point: unknown): PointState {
  if (point === null || point === undefined) return MISSING;
  return value === HIDDEN ? HIDDEN : value === MISSING ? MISSING : VISIBLE;
}

/** Read the API's form. Throws if there are landmarks but not 68. */
export function fromWire(wire: WireLabels): Labels {
  let landmarks: Landmarks | null = null;
  if (wire.landmarks) {
    if (wire.landmarks.length !== POINTS) {
      throw new Error(`The server sent ${wire.landmarks.length} landmarks instead of ${POINTS}.`);
    }
    const states = wire.landmarks.map((p, i) => stateFrom(wire.visibility?.[i], p));
    landmarks = {
      states,
      points: wire.landmarks.map((p, i) => (p && states[i] !== MISSING ? imagePx(p[0], p[1]) : null)),
    };
  }
  return {
    box: [...wire.box],
    landmarks,
    age: wire.age,
    gender: wire.gender,
    ethnicity: wire.ethnicity,
    flags: [...wire.flags].sort(),
  };
}

const hundredth = (value: number): number => Math.round(value * 100) / 100;

/** The API's form; coordinates are rounded to 0.01 px, finer than any hand. Inverse of fromWire up to that. */
export function toWire(labels: Labels): WireLabels {
  const [x1, y1, x2, y2] = labels.box;
  return {
    box: [hundredth(x1), hundredth(y1), hundredth(x2), hundredth(y2)],
    landmarks: labels.landmarks?.points.map((p) => (p ? [hundredth(p.x), hundredth(p.y)] : null)) ?? null,
    visibility: labels.landmarks ? [...labels.landmarks.states] : null,
    age: labels.age,
    gender: labels.gender,
    ethnicity: labels.ethnicity,
    flags: [...labels.flags],
  };
}

export function withoutAge(labels: Labels): Labels {
  return { ...labels, age: null };
}

/** True if the two say the same once stored (coordinates to 0.01 px). */
export function sameLabels(a: Labels, b: Labels): boolean {
  return a === b || JSON.stringify(toWire(a)) === JSON.stringify(toWire(b));
}

/** The three corners' worth of a box: its sides in pixels and the root of its area. */
export function boxSize(box: BoxTuple): { width: number; height: number; minSide: number; scale: number } {
  const width = box[2] - box[0];
  const height = box[3] - box[1];
  return {
    width,
    height,
    minSide: Math.min(width, height),
    scale: Math.sqrt(Math.max(width * height, 1e-9)),
  };
}

export function boxIou(a: BoxTuple, b: BoxTuple): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const overlap = width * height;
  const union = boxSize(a).width * boxSize(a).height + boxSize(b).width * boxSize(b).height - overlap;
  return union > 0 ? overlap / union : 0;
}

export interface RegionCount {
  region: RegionName;
  title: string;
  visible: number;
  hidden: number;
  missing: number;
}

/** How many points of each region are visible, hidden and missing; null without landmarks. */
export function regionCounts(landmarks: Landmarks | null): RegionCount[] | null {
  if (!landmarks) return null;
  return REGIONS.map(({ name, points }) => {
    const count = (state: PointState): number => points.filter((i) => landmarks.states[i] === state).length;
    return {
      region: name,
      title: partName(name),
      visible: count(VISIBLE),
      hidden: count(HIDDEN),
      missing: count(MISSING),
    };
  });
}
