/**
 * The statistical shape model of 68 points: where a face's other points go when some are held.
 *
 * A port of jfa_pipeline/statistics/shape_model.py; that module says what the numbers mean. Model units: the mean's outer
 * eye corners are 1 apart, x right, y down, eyes level. Coordinates of 68 points lie in one array: x0, y0, x1, y1, ...
 */

import { imagePx, type ImagePx } from './coords';
import { CURVES, POINTS, regionOf, type RegionName } from './ibug68';

export const FORMAT = 'jfa-shape-model';
export const FORMAT_VERSION = 1;

/** Where the points came from: the bare template (or three clicks), or a model's pre-label. */
export type Start = 'template' | 'prelabel';

/** What shapeModelDefault.json and the server's models look like; coordinates and deviations are integers of `unit`. */
export interface ShapeModelFile {
  format: string;
  format_version: number;
  unit: number;
  faces: number;
  source: string;
  mean: number[];
  modes: number[][];
  /** noise, spread, reach */
  stiffness: Record<string, number[]>;
  priors: Record<string, { similarity: number; modes: number; most: number; local: number }>;
}

export interface ShapeModel {
  readonly mean: Float64Array;
  readonly faces: number;
  readonly source: string;
  /** The SIZE x SIZE covariance of displacements in model units, row by row; made once for each start. */
  readonly covariance: (start: Start) => Float64Array;
}

/** Coordinates of a face. */
export const SIZE = 2 * POINTS;

/** The face's points in the image; null where one is missing. */
export type Points68 = readonly (ImagePx | null)[];

/** Counts the multiplications of a move, for a test that it stays quick. */
export interface Tally {
  products: number;
}

/** Read a model. Throws an Error that says what is wrong with the file. */
export function shapeModelFrom(file: ShapeModelFile): ShapeModel {
  if (file.format !== FORMAT || file.format_version !== FORMAT_VERSION) {
    throw new Error(
      `This is not a shape model of format ${FORMAT}, version ${FORMAT_VERSION}: it says ` +
        `${file.format}, ${file.format_version}. Load the page again.`,
    );
  }
  const scaled = (values: readonly number[]): Float64Array => {
    const found = Float64Array.from(values, (value) => value * file.unit);
    if (found.length !== SIZE || found.some((value) => !Number.isFinite(value)))
      throw new Error('The shape model is damaged: a shape does not have 68 points. Load the page again.');
    return found;
  };
  const mean = scaled(file.mean);
  const modes = file.modes.map(scaled);
  const made = new Map<Start, Float64Array>();
  return {
    mean,
    faces: file.faces,
    source: file.source,
    covariance: (start) => {
      const known = made.get(start) ?? covarianceOf(file, mean, modes, start);
      made.set(start, known);
      return known;
    },
  };
}

function covarianceOf(
  file: ShapeModelFile,
  mean: Float64Array,
  modes: readonly Float64Array[],
  start: Start,
): Float64Array {
  const prior = file.priors[start];
  if (!prior) throw new Error(`The shape model has no prior for the start ${start}. Load the page again.`);
  const total = new Float64Array(SIZE * SIZE);
  for (const mode of modes) {
    const length = Math.sqrt(mode.reduce((sum, value) => sum + value * value, 0));
    addOuter(total, mode, Math.min(prior.modes, prior.most / length));
  }
  for (const move of similarityBasis(mean)) addOuter(total, move, prior.similarity);
  for (const { region, points, closed } of CURVES) {
    const { spread, reach } = stiffnessOf(file, region);
    const apart = alongCurve(mean, points, closed);
    for (const [i, p] of points.entries()) {
      for (const [j, q] of points.entries()) {
        const steps = (apart[i]?.[j] ?? 0) / reach;
        const shared = prior.local ** 2 * spread ** 2 * Math.exp(-0.5 * steps ** 2);
        add(total, 2 * p * SIZE + 2 * q, shared);
        add(total, (2 * p + 1) * SIZE + 2 * q + 1, shared);
      }
    }
  }
  for (let i = 0; i < SIZE; i++) add(total, i * SIZE + i, stiffnessOf(file, regionOf(i >> 1)).noise ** 2);
  return total;
}

function stiffnessOf(
  file: ShapeModelFile,
  region: RegionName,
): { noise: number; spread: number; reach: number } {
  const [noise, spread, reach] = (file.stiffness[region] ?? []).map((value) => value * file.unit);
  if (!noise || !spread || !reach)
    throw new Error(
      `The shape model is damaged: it does not say how stiff the ${region} is. Load the page again.`,
    );
  return { noise, spread, reach };
}

function add(into: Float64Array, at: number, value: number): void {
  into[at] = (into[at] ?? 0) + value;
}

function addOuter(into: Float64Array, mode: Float64Array, factor: number): void {
  const scaled = mode.map((value) => value * factor);
  for (let i = 0; i < SIZE; i++)
    for (let j = 0; j < SIZE; j++) add(into, i * SIZE + j, (scaled[i] ?? 0) * (scaled[j] ?? 0));
}

/** Displacements when the mean is shifted right, shifted down, turned clockwise, enlarged by 1. */
function similarityBasis(mean: Float64Array): Float64Array[] {
  return [
    mean.map((_, i) => (i % 2 === 0 ? 1 : 0)),
    mean.map((_, i) => (i % 2 === 1 ? 1 : 0)),
    mean.map((_, i) => (i % 2 === 0 ? -(mean[i + 1] ?? 0) : (mean[i - 1] ?? 0))),
    mean,
  ];
}

/** Distances along a curve through some of the points; a closed one is bent to a circle, distances are its chords. */
function alongCurve(mean: Float64Array, points: readonly number[], closed: boolean): number[][] {
  const at = points.map((p) => [mean[2 * p] ?? 0, mean[2 * p + 1] ?? 0] as const);
  const place: number[] = [];
  let length = 0;
  for (const [i, [x, y]] of at.entries()) {
    const [nextX, nextY] = at[(i + 1) % at.length] ?? [x, y];
    place.push(length);
    length += Math.hypot(nextX - x, nextY - y);
  }
  return place.map((a) =>
    place.map((b) =>
      closed ? (length / Math.PI) * Math.sin((Math.PI * Math.abs(a - b)) / length) : Math.abs(a - b),
    ),
  );
}

/** A similarity from model units to the image: (x, y) -> (a x - b y + shiftX, b x + a y + shiftY). */
export interface Frame {
  readonly a: number;
  readonly b: number;
  readonly shiftX: number;
  readonly shiftY: number;
}

export function toImage(frame: Frame, x: number, y: number): ImagePx {
  return imagePx(frame.a * x - frame.b * y + frame.shiftX, frame.b * x + frame.a * y + frame.shiftY);
}

/** [x, y] in model units of a point, or of a displacement if `isShift`. */
export function toModel(frame: Frame, p: ImagePx, isShift = false): readonly [number, number] {
  const size = frame.a ** 2 + frame.b ** 2;
  const dx = p.x - (isShift ? 0 : frame.shiftX);
  const dy = p.y - (isShift ? 0 : frame.shiftY);
  return [(frame.a * dx + frame.b * dy) / size, (frame.a * dy - frame.b * dx) / size];
}

/** The least-squares similarity of model points to image points; null if they do not tell where a face is. */
export function frameThrough(source: readonly (readonly [number, number])[], target: Points68): Frame | null {
  const pairs = source.flatMap(([x, y], i) => {
    const p = target[i];
    return p ? [{ x, y, p }] : [];
  });
  const n = pairs.length;
  if (n < 2) return null;
  const mean = (pick: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + pick(pair), 0) / n;
  const [x0, y0] = [mean(({ x }) => x), mean(({ y }) => y)];
  const [px, py] = [mean(({ p }) => p.x), mean(({ p }) => p.y)];
  let [spread, along, across] = [0, 0, 0];
  for (const { x, y, p } of pairs) {
    const [u, v] = [x - x0, y - y0];
    spread += u * u + v * v;
    along += u * (p.x - px) + v * (p.y - py);
    across += u * (p.y - py) - v * (p.x - px);
  }
  const [a, b] = [along / spread, across / spread];
  if (!(spread > 0) || !(Math.hypot(a, b) > 1e-9)) return null;
  return { a, b, shiftX: px - a * x0 + b * y0, shiftY: py - b * x0 - a * y0 };
}

/** One observed linear combination of coordinates: sum of weight * coordinate[at]. */
export interface Observed {
  readonly at: readonly number[];
  readonly weight: number;
  readonly value: number;
}

/** The SIZE mean displacements given what was observed. */
export function given(covariance: Float64Array, observed: readonly Observed[], tally?: Tally): Float64Array {
  const n = observed.length;
  // shared[k * SIZE + i]: covariance of observation k with coordinate i.
  const shared = new Float64Array(n * SIZE);
  for (const [k, { at, weight }] of observed.entries()) {
    for (const row of at)
      for (let i = 0; i < SIZE; i++) add(shared, k * SIZE + i, weight * (covariance[row * SIZE + i] ?? 0));
    if (tally) tally.products += at.length * SIZE;
  }
  const matrix = new Float64Array(n * n);
  for (let k = 0; k < n; k++)
    for (const [l, { at, weight }] of observed.entries())
      for (const column of at) add(matrix, k * n + l, weight * (shared[k * SIZE + column] ?? 0));
  const weights = solved(
    matrix,
    Float64Array.from(observed, ({ value }) => value),
    tally,
  );
  const result = new Float64Array(SIZE);
  for (let k = 0; k < n; k++) {
    const factor = weights[k] ?? 0;
    for (let i = 0; i < SIZE; i++) add(result, i, factor * (shared[k * SIZE + i] ?? 0));
  }
  if (tally) tally.products += n * SIZE + n * n;
  return result;
}

/** Solve matrix * x = values for a symmetric positive definite matrix, by Cholesky; overwrites both. */
function solved(matrix: Float64Array, values: Float64Array, tally?: Tally): Float64Array {
  const n = values.length;
  const m = (i: number, j: number): number => matrix[i * n + j] ?? 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = m(i, j);
      for (let k = 0; k < j; k++) sum -= m(i, k) * m(j, k);
      matrix[i * n + j] = i === j ? Math.sqrt(sum) : sum / m(j, j);
      if (tally) tally.products += j + 1;
    }
  }
  for (let i = 0; i < n; i++) {
    let sum = values[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= m(i, k) * (values[k] ?? 0);
    values[i] = sum / m(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = values[i] ?? 0;
    for (let k = i + 1; k < n; k++) sum -= m(k, i) * (values[k] ?? 0);
    values[i] = sum / m(i, i);
  }
  if (tally) tally.products += n * (n + 1);
  return values;
}
