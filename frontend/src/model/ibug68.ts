/** The iBUG-68 scheme (300-W), 0-based: regions, curves, names, flip, and a plain frontal template. */

import { imagePx, type ImagePx } from './coords';

export const POINTS = 68;

/** Points 0 to 16 are the jaw's. */
export const JAW_LAST = 16;

export type RegionName = 'jaw' | 'brows' | 'nose' | 'eyes' | 'lips';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The five regions that keep one colour everywhere; indices in order. */
export const REGIONS: readonly { name: RegionName; title: string; points: readonly number[] }[] = [
  { name: 'jaw', title: 'Jaw', points: range(0, 17) },
  { name: 'brows', title: 'Brows', points: range(17, 27) },
  { name: 'nose', title: 'Nose', points: range(27, 36) },
  { name: 'eyes', title: 'Eyes', points: range(36, 48) },
  { name: 'lips', title: 'Lips', points: range(48, 68) },
];

export interface Curve {
  region: RegionName;
  points: readonly number[];
  closed: boolean;
}

/** Lines to draw. */
export const CURVES: readonly Curve[] = [
  { region: 'jaw', points: range(0, 17), closed: false },
  { region: 'brows', points: range(17, 22), closed: false },
  { region: 'brows', points: range(22, 27), closed: false },
  { region: 'nose', points: range(27, 31), closed: false },
  { region: 'nose', points: range(31, 36), closed: false },
  { region: 'eyes', points: range(36, 42), closed: true },
  { region: 'eyes', points: range(42, 48), closed: true },
  { region: 'lips', points: range(48, 60), closed: true },
  { region: 'lips', points: range(60, 68), closed: true },
];

const REGION_OF: readonly RegionName[] = range(0, POINTS).map(
  (index) => REGIONS.find((region) => region.points.includes(index))?.name ?? 'jaw',
);

export function regionOf(index: number): RegionName {
  return REGION_OF[index] ?? 'jaw';
}

/** Point i of a mirrored face is point FLIP[i] of the original; applying it twice changes nothing. */
export const FLIP: readonly number[] = [
  ...range(0, 17).reverse(),
  ...range(17, 27).reverse(),
  ...range(27, 31),
  ...range(31, 36).reverse(),
  ...[45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40],
  ...range(48, 55).reverse(),
  ...range(55, 60).reverse(),
  ...range(60, 65).reverse(),
  ...[67, 66, 65],
];

const mirrored = (points: readonly (readonly [number, number])[]): (readonly [number, number])[] =>
  points.map(([x, y]) => [1 - x, y] as const);

const LEFT_BROW = [
  [0.12, 0.18],
  [0.18, 0.12],
  [0.26, 0.1],
  [0.34, 0.12],
  [0.42, 0.16],
] as const;
const LEFT_EYE = [
  [0.2, 0.3],
  [0.26, 0.27],
  [0.33, 0.27],
  [0.39, 0.31],
  [0.33, 0.33],
  [0.26, 0.33],
] as const;
const UPPER_LIP = [
  [0.33, 0.78],
  [0.39, 0.75],
  [0.45, 0.73],
  [0.5, 0.74],
] as const;
const LOWER_LIP = [
  [0.39, 0.83],
  [0.45, 0.86],
] as const;

/** A plain frontal face in the unit square, brows at the top and chin at the bottom: where points start from nothing. */
export const TEMPLATE: readonly (readonly [number, number])[] = [
  ...range(0, 17).map((i) => {
    const angle = (((i - 8) / 8) * Math.PI) / 2;
    return [0.5 + 0.48 * Math.sin(angle), 0.28 + 0.7 * Math.cos(angle)] as const;
  }),
  ...LEFT_BROW,
  ...mirrored(LEFT_BROW).reverse(),
  ...[0.28, 0.38, 0.48, 0.57].map((y) => [0.5, y] as const),
  ...([
    [0.4, 0.63],
    [0.45, 0.65],
    [0.5, 0.66],
    [0.55, 0.65],
    [0.6, 0.63],
  ] as const),
  ...LEFT_EYE,
  ...[3, 2, 1, 0, 5, 4].map((i) => mirrored(LEFT_EYE)[i] ?? ([0, 0] as const)),
  ...UPPER_LIP,
  ...mirrored(UPPER_LIP).reverse().slice(1),
  ...mirrored(LOWER_LIP),
  ...([[0.5, 0.865]] as const),
  ...[...LOWER_LIP].reverse(),
  ...([
    [0.36, 0.78],
    [0.45, 0.77],
    [0.5, 0.775],
    [0.55, 0.77],
    [0.64, 0.78],
  ] as const),
  ...([
    [0.55, 0.8],
    [0.5, 0.805],
    [0.45, 0.8],
  ] as const),
];

/** The template laid into a box and turned by the face's roll (degrees, clockwise) about the box's centre. */
export function templateInBox(
  box: readonly [number, number, number, number],
  rollDegrees: number,
): ImagePx[] {
  const [x1, y1, x2, y2] = box;
  const angle = (rollDegrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return TEMPLATE.map(([u, v]) => {
    const dx = (u - 0.5) * (x2 - x1);
    const dy = (v - 0.5) * (y2 - y1);
    return imagePx((x1 + x2) / 2 + cos * dx - sin * dy, (y1 + y2) / 2 + sin * dx + cos * dy);
  });
}

/**
 * Where every point should be, judged from those that are there: the template under the least-squares similarity
 * to the known points (at least two at different places). null when there are too few to tell.
 */
export function templateThrough(known: readonly (ImagePx | null)[]): ImagePx[] | null {
  const pairs = known.flatMap((p, i) => {
    const t = TEMPLATE[i];
    return p && t ? [{ p, t }] : [];
  });
  const n = pairs.length;
  if (n < 2) return null;
  const mean = (pick: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + pick(pair), 0) / n;
  const tx = mean(({ t }) => t[0]);
  const ty = mean(({ t }) => t[1]);
  const px = mean(({ p }) => p.x);
  const py = mean(({ p }) => p.y);
  let spread = 0;
  let along = 0;
  let across = 0;
  for (const { p, t } of pairs) {
    const [u, v] = [t[0] - tx, t[1] - ty];
    const [x, y] = [p.x - px, p.y - py];
    spread += u * u + v * v;
    along += u * x + v * y;
    across += u * y - v * x;
  }
  if (spread < 1e-9) return null;
  const a = along / spread;
  const b = across / spread;
  return TEMPLATE.map(([u, v]) =>
    imagePx(px + a * (u - tx) - b * (v - ty), py + b * (u - tx) + a * (v - ty)),
  );
}
