/**
 * What a gesture does to the 68 points of a face: a port of jfa_pipeline/statistics/shape_moves.py, kept equal to it by
 * fixtures/shapeMoves.json. Every function returns new points and leaves its arguments alone; missing points (null)
 * stay missing.
 */

import { imagePx, type ImagePx } from './coords';
import { FLIP, POINTS } from './ibug68';
import {
  frameThrough,
  given,
  toImage,
  toModel,
  type Points68,
  type Observed,
  type ShapeModel,
  type Start,
  type Tally,
} from './shapeModel';

type Points = (ImagePx | null)[];

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Three clicks mean the centres of these: both eyes and the outer lip. */
const CLICKED = [range(36, 42), range(42, 48), range(48, 60)] as const;

const MIDLINE = [8, 27, 28, 29, 30, 33, 51, 57, 62, 66];

/** A side of the picture. */
export type Side = 'left' | 'right';

export const SIDES: Record<Side, readonly number[]> = {
  left: [...range(0, 8), ...range(17, 22), 31, 32, ...range(36, 42), 48, 49, 50, 58, 59, 60, 61, 67],
  right: [...range(9, 17), ...range(22, 27), 34, 35, ...range(42, 48), 52, 53, 54, 55, 56, 63, 64, 65],
};

/** Parts that are re-fitted by a box. */
export const PARTS = {
  left_brow: range(17, 22),
  right_brow: range(22, 27),
  nose: range(27, 36),
  left_eye: range(36, 42),
  right_eye: range(42, 48),
  lips: range(48, 68),
} as const;

export type PartName = keyof typeof PARTS;

/** Straight pieces that stand for the curve between two jaw points. */
const SLIDE_STEPS = 16;

/** Of the length between two anchors: sliding points keep so far from them. */
const LEAST_GAP = 0.02;

const NOTHING: ReadonlySet<number> = new Set();

const meanPoint = (model: ShapeModel, index: number): readonly [number, number] => [
  model.mean[2 * index] ?? 0,
  model.mean[2 * index + 1] ?? 0,
];

/**
 * The points when those in `pins` (index -> place in the image) are held: pinned ones lie exactly there, the others
 * follow as faces do.
 *
 * base: the points before any was moved, which are the pre-label or the template. Pins are all points that a person moved
 * or confirmed, also those that lie where they were. Their order does not matter. A base with fewer than two points
 * gives the pins alone.
 */
export function settle(
  model: ShapeModel,
  base: Points68,
  pins: ReadonlyMap<number, ImagePx>,
  start: Start,
  tally?: Tally,
): Points {
  const points: Points = Array.from({ length: POINTS }, (_, i) => base[i] ?? null);
  const mean = points.map((_, i) => meanPoint(model, i));
  const frame = frameThrough(mean, base);
  const observed: Observed[] = [];
  if (frame) {
    for (const [index, place] of [...pins].sort(([a], [b]) => a - b)) {
      const from = base[index];
      if (!from) continue;
      const moved = toModel(frame, imagePx(place.x - from.x, place.y - from.y), true);
      for (const axis of [0, 1] as const)
        observed.push({ at: [2 * index + axis], weight: 1, value: moved[axis] });
    }
  }
  if (frame && observed.length > 0) {
    const moves = given(model.covariance(start), observed, tally);
    for (const [index, point] of points.entries()) {
      if (!point) continue;
      const [x, y] = toModel(frame, point);
      points[index] = toImage(frame, x + (moves[2 * index] ?? 0), y + (moves[2 * index + 1] ?? 0));
    }
  }
  for (const [index, place] of pins) points[index] = imagePx(place.x, place.y);
  return points;
}

/**
 * The most probable face whose eye centres (sides of the picture) and mouth centre were clicked; they come to lie exactly
 * there. null if the clicks lie in one place.
 */
export function fitThree(
  model: ShapeModel,
  leftEye: ImagePx,
  rightEye: ImagePx,
  mouth: ImagePx,
): ImagePx[] | null {
  const clicks = [leftEye, rightEye, mouth];
  const centres = CLICKED.map((part) => {
    const sum = part.map((i) => meanPoint(model, i)).reduce(([x, y], [u, v]) => [x + u, y + v], [0, 0]);
    return [sum[0] / part.length, sum[1] / part.length] as const;
  });
  const frame = frameThrough(centres, clicks);
  if (!frame) return null;
  const observed = CLICKED.flatMap((part, k) => {
    const [x, y] = toModel(frame, clicks[k] ?? mouth);
    const [u, v] = centres[k] ?? [0, 0];
    const weight = 1 / part.length;
    return [
      { at: part.map((i) => 2 * i), weight, value: x - u },
      { at: part.map((i) => 2 * i + 1), weight, value: y - v },
    ];
  });
  const moves = given(model.covariance('template'), observed);
  return range(0, POINTS).map((i) => {
    const [x, y] = meanPoint(model, i);
    return toImage(frame, x + (moves[2 * i] ?? 0), y + (moves[2 * i + 1] ?? 0));
  });
}

/**
 * The points with one side made the mirror image of the `source` side about the best line through the midline's points.
 *
 * The midline stays, and so do points in `keep` (pinned ones) and points whose partner is missing. null if fewer than two
 * points of the midline are there.
 */
export function mirrorSide(
  points: Points68,
  source: Side,
  keep: ReadonlySet<number> = NOTHING,
): Points | null {
  const middle = MIDLINE.flatMap((i) => points[i] ?? []);
  if (middle.length < 2) return null;
  const cx = middle.reduce((sum, p) => sum + p.x, 0) / middle.length;
  const cy = middle.reduce((sum, p) => sum + p.y, 0) / middle.length;
  // The sum of squares of x + iy: twice the angle of the principal axis.
  let [real, imaginary] = [0, 0];
  for (const p of middle) {
    real += (p.x - cx) ** 2 - (p.y - cy) ** 2;
    imaginary += 2 * (p.x - cx) * (p.y - cy);
  }
  const size = Math.hypot(real, imaginary);
  if (size < 1e-9) return null;
  const [cos, sin] = [real / size, imaginary / size];
  const found: Points = [...points];
  for (const index of SIDES[source === 'left' ? 'right' : 'left']) {
    const partner = points[FLIP[index] ?? index];
    if (!partner || keep.has(index)) continue;
    const [dx, dy] = [partner.x - cx, partner.y - cy];
    found[index] = imagePx(cx + cos * dx + sin * dy, cy + sin * dx - cos * dy);
  }
  return found;
}

/**
 * The points with jaw point `index` (0-16) moved `along` pixels on the jaw's curve, towards higher indices.
 *
 * Points between it and the next anchors (the ends and those in `keep`) slide along in proportion. It stops before an
 * anchor. null if a jaw point is missing or the index is none of the jaw.
 */
export function slideJaw(
  points: Points68,
  index: number,
  along: number,
  keep: ReadonlySet<number> = NOTHING,
): Points | null {
  const jaw = range(0, 17).flatMap((i) => points[i] ?? []);
  if (jaw.length < 17 || !(index >= 0 && index < 17)) return null;
  const dense = curve(jaw);
  const length = [0];
  for (const [i, p] of dense.entries()) {
    const next = dense[i + 1];
    if (next) length.push((length[i] ?? 0) + Math.hypot(next.x - p.x, next.y - p.y));
  }
  const place = range(0, 17).map((i) => length[i * SLIDE_STEPS] ?? 0);
  const at = (i: number): number => place[i] ?? 0;
  const isAnchor = (i: number): boolean => i !== index && (i === 0 || i === 16 || keep.has(i));
  const low = range(0, index).reverse().find(isAnchor) ?? index;
  const high = range(index + 1, 17).find(isAnchor) ?? index;
  const gap = LEAST_GAP * (at(high) - at(low));
  const least = low === index ? at(low) : at(low) + gap;
  const most = high === index ? at(high) : at(high) - gap;
  const goal = Math.min(most, Math.max(least, at(index) + along));
  const found: Points = [...points];
  for (const i of range(low, high + 1)) {
    const fixed = i < index ? low : high;
    if (i === index) found[i] = pointAt(dense, length, goal);
    else if (i !== fixed) {
      const share = (goal - at(fixed)) / (at(index) - at(fixed));
      found[i] = pointAt(dense, length, at(fixed) + (at(i) - at(fixed)) * share);
    }
  }
  return found;
}

/** The Catmull-Rom curve through some points, SLIDE_STEPS pieces from one to the next. */
function curve(through: readonly ImagePx[]): ImagePx[] {
  const end = (p: ImagePx | undefined, q: ImagePx | undefined): ImagePx =>
    imagePx(2 * (p?.x ?? 0) - (q?.x ?? 0), 2 * (p?.y ?? 0) - (q?.y ?? 0));
  const ends = [end(through[0], through[1]), ...through, end(through.at(-1), through.at(-2))];
  const blend = (p0: number, p1: number, p2: number, p3: number, t: number): number =>
    p1 +
    0.5 * ((p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t ** 2 + (3 * p1 - p0 - 3 * p2 + p3) * t ** 3);
  const dense: ImagePx[] = [];
  for (let i = 0; i + 3 < ends.length; i++) {
    const [a, b, c, d] = ends.slice(i, i + 4);
    if (!a || !b || !c || !d) continue;
    for (let step = 0; step < SLIDE_STEPS; step++) {
      const t = step / SLIDE_STEPS;
      dense.push(imagePx(blend(a.x, b.x, c.x, d.x, t), blend(a.y, b.y, c.y, d.y, t)));
    }
  }
  return [...dense, ...through.slice(-1)];
}

function pointAt(dense: readonly ImagePx[], length: readonly number[], place: number): ImagePx {
  const next = length.findIndex((value) => value >= place);
  const [p, q] = [dense[Math.max(0, next - 1)], dense[next < 0 ? dense.length - 1 : next]];
  if (!p || !q) return imagePx(0, 0);
  const from = length[Math.max(0, next - 1)] ?? 0;
  const piece = (length[next] ?? from) - from;
  const share = piece > 0 ? (place - from) / piece : 0;
  return imagePx(p.x + share * (q.x - p.x), p.y + share * (q.y - p.y));
}

/** x1, y1, x2, y2 in the image turned by `-roll` about its origin. */
export type LevelBox = readonly [number, number, number, number];

/**
 * The points with one part stretched into a box that a person dragged around it; `roll` in radians, clockwise.
 *
 * The part's own level box is mapped onto it; a side without extent goes to the middle. Points in `keep` stay. null for
 * an empty box or a part with fewer than two points at different places.
 */
export function refitPart(
  points: Points68,
  part: PartName,
  box: LevelBox,
  roll = 0,
  keep: ReadonlySet<number> = NOTHING,
): Points | null {
  const [x1, y1, x2, y2] = box;
  const indices = PARTS[part].filter((i) => points[i]);
  if (!(x2 > x1 && y2 > y1) || indices.length < 2) return null;
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  const level = indices.map((i) => {
    const p = points[i] ?? imagePx(0, 0);
    return { x: cos * p.x + sin * p.y, y: cos * p.y - sin * p.x };
  });
  const [lowX, lowY] = [Math.min(...level.map((p) => p.x)), Math.min(...level.map((p) => p.y))];
  const width = Math.max(...level.map((p) => p.x)) - lowX;
  const height = Math.max(...level.map((p) => p.y)) - lowY;
  if (!(width > 1e-9 || height > 1e-9)) return null;
  const found: Points = [...points];
  for (const [k, i] of indices.entries()) {
    const p = level[k];
    if (!p || keep.has(i)) continue;
    const x = x1 + (width > 1e-9 ? (p.x - lowX) / width : 0.5) * (x2 - x1);
    const y = y1 + (height > 1e-9 ? (p.y - lowY) / height : 0.5) * (y2 - y1);
    found[i] = imagePx(cos * x - sin * y, sin * x + cos * y);
  }
  return found;
}
