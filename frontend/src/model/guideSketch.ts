/** The drawn faces of the labelling guide: the template itself, turned, covered or boxed wrongly. Pure geometry. */

import { CURVES, JAW_LAST, regionOf, TEMPLATE, type RegionName } from './ibug68';

export type SketchName =
  | 'boxRight'
  | 'boxLoose'
  | 'boxTight'
  | 'pointsRight'
  | 'pointsLow'
  | 'hiddenRight'
  | 'hiddenWrong'
  | 'turnedRight'
  | 'turnedWrong'
  | 'occluded'
  | 'blurred'
  | 'profile'
  | 'notAFace'
  | 'size';

export const SKETCH = { width: 128, height: 152 } as const;

/** Where the template's unit square lies in the drawing. */
const FRAME = { x: 26, y: 54, width: 76, height: 74 } as const;
const FOREHEAD = -0.3;
const JAW_TOP = 0.28;
const JAW_DROP = 0.7;
const HALF_WIDTH = 0.48;
const DEPTH = 0.4;

export interface SketchPoint {
  readonly x: number;
  readonly y: number;
  readonly region: RegionName;
  readonly state: 'placed' | 'hidden' | 'misplaced';
}

export interface Sketch {
  /** SVG path of the head without hair. */
  readonly head: string;
  readonly hair: string;
  /** Eyes, brows, nose and mouth. */
  readonly features: readonly string[];
  readonly points: readonly SketchPoint[];
  /** Curves through the points, by region. */
  readonly contours: readonly { readonly region: RegionName; readonly path: string; readonly off: boolean }[];
  readonly box: readonly [number, number, number, number];
  /** A hand or a scarf in front of the face. */
  readonly cover: string | null;
  readonly blurred: boolean;
  /** Scale of the whole drawing about its middle. */
  readonly scale: number;
}

type Spot = readonly [number, number];

const degrees = (angle: number): number => (angle * Math.PI) / 180;
const number = (value: number): string => String(Math.round(value * 10) / 10);
const drawn = ([u, v]: Spot): Spot => [FRAME.x + FRAME.width * u, FRAME.y + FRAME.height * v];

function pathOf(spots: readonly Spot[], closed: boolean): string {
  const steps = spots.map(drawn).map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${number(x)} ${number(y)}`);
  return steps.join('') + (closed ? 'Z' : '');
}

/** Half the width of the upright head at a height of the template's square. */
function halfWidth(v: number): number {
  const reach = v >= JAW_TOP ? (v - JAW_TOP) / JAW_DROP : (JAW_TOP - v) / (JAW_TOP - FOREHEAD);
  return HALF_WIDTH * Math.sqrt(Math.max(0, 1 - reach * reach));
}

/** The head turned about its upright axis; positive angles show more of its left half of the picture. */
class TurnedHead {
  readonly #cos: number;
  readonly #sin: number;
  readonly #shift: number;

  constructor(angle: number) {
    this.#cos = Math.cos(degrees(angle));
    this.#sin = Math.sin(degrees(angle));
    this.#shift = (DEPTH * this.#sin) / 2.6;
  }

  /** Where a spot of the frontal face goes; `out`: how far it stands out of the surface. */
  place([u, v]: Spot, out = 0): Spot {
    const half = Math.max(halfWidth(v), 0.02);
    const across = Math.max(-1, Math.min(1, (u - 0.5) / half));
    const depth = DEPTH * (half / HALF_WIDTH) * Math.sqrt(1 - across * across) + out;
    return [0.5 + (u - 0.5) * this.#cos + depth * this.#sin - this.#shift, v];
  }

  /** The visible edge at a height, at the far side. */
  farEdge(v: number): number {
    const half = halfWidth(v);
    const depth = DEPTH * (half / HALF_WIDTH);
    return 0.5 + Math.hypot(half * this.#cos, depth * this.#sin) - this.#shift;
  }

  nearEdge(v: number): number {
    return this.place([0.5 - halfWidth(v), v])[0];
  }
}

/** How far the nose stands out at each of its points. */
const NOSE_OUT: Readonly<Record<number, number>> = {
  28: 0.05,
  29: 0.1,
  30: 0.15,
  32: 0.04,
  33: 0.06,
  34: 0.04,
};

function pointsOn(head: TurnedHead, angle: number): Spot[] {
  return TEMPLATE.map((spot, index) => {
    const placed = head.place(spot, NOSE_OUT[index] ?? 0);
    const isFarJaw = angle > 0 && index > 8 && index <= JAW_LAST;
    return isFarJaw ? [Math.max(placed[0], head.farEdge(spot[1])), spot[1]] : placed;
  });
}

const steps = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);

function headPath(head: TurnedHead): string {
  const rows = steps(FOREHEAD, JAW_TOP + JAW_DROP, 24);
  return pathOf(
    [
      ...rows.map((v) => [head.nearEdge(v), v] as const),
      ...rows.reverse().map((v) => [head.farEdge(v), v] as const),
    ],
    true,
  );
}

/** A cap of hair: the upper part of a slightly larger head. */
function hairPath(head: TurnedHead): string {
  const line = -0.06;
  const rows = steps(line + 0.24, FOREHEAD - 0.1, 14);
  const grown = (v: number): number => JAW_TOP + (v - JAW_TOP) / 1.17;
  const far = rows.map((v) => [head.farEdge(grown(v)) + 0.05, v] as const);
  const near = [...rows].reverse().map((v) => [head.nearEdge(grown(v)) - 0.05, v] as const);
  const fringe = [...steps(0.08, 0.92, 8)].map(
    (u) => [head.place([u, line])[0], line - 0.08 * Math.sin(Math.PI * u)] as const,
  );
  return pathOf([...far, ...near, ...fringe], true);
}

const TIGHT = [0.0, -0.25, 1.0, 1.0] as const;
const boxed = ([x1, y1, x2, y2]: readonly [number, number, number, number]): Sketch['box'] => {
  const [left, top] = drawn([x1, y1]);
  const [right, bottom] = drawn([x2, y2]);
  return [left, top, right, bottom];
};

/** A hand that comes from below over one side of the mouth. */
const HAND = 'M72 152 L72 118 Q72 106 80 105 L102 103 Q110 104 110 112 L114 152 Z';
/** A scarf from the nose down, and hair over an eye. */
const SCARF = 'M16 90 Q64 106 112 90 L112 142 Q64 156 16 142 Z';
/** What covers the hand's share of the face, in the drawing. */
const isUnderHand = ([x, y]: Spot): boolean => x > 72 && y > 105;

function contoursOf(points: readonly SketchPoint[]): Sketch['contours'] {
  return CURVES.map((curve) => {
    const own = curve.points.flatMap((index) => points[index] ?? []);
    const path = own.map((p, i) => `${i === 0 ? 'M' : 'L'}${number(p.x)} ${number(p.y)}`).join('');
    return {
      region: curve.region,
      path: path + (curve.closed ? 'Z' : ''),
      off: own.some((p) => p.state === 'misplaced'),
    };
  });
}

/** How each drawing differs from a plain frontal face in a right box. */
function moved(name: SketchName, spots: readonly Spot[]): { spot: Spot; state: SketchPoint['state'] }[] {
  return spots.map((spot, index) => {
    const [u, v] = spot;
    const isJaw = index <= JAW_LAST;
    if (name === 'pointsLow' && isJaw && index > 3 && index < 13)
      return { spot: [u, v + 0.13 * Math.sin((Math.PI * (index - 3)) / 10)], state: 'misplaced' };
    if (name === 'turnedWrong' && index > 8 && isJaw)
      return { spot: [u + 0.07 + 0.012 * (index - 8), v], state: 'misplaced' };
    const covered = isUnderHand(drawn(spot));
    if (name === 'hiddenRight' && covered) return { spot, state: 'hidden' };
    if (name === 'hiddenWrong' && index >= 48 && u > 0.42)
      return { spot: [0.42 + (u - 0.42) * 0.45, v], state: 'misplaced' };
    return { spot, state: 'placed' };
  });
}

const TURN: Partial<Record<SketchName, number>> = { turnedRight: 32, turnedWrong: 32, profile: 64 };
const WITHOUT_POINTS: readonly SketchName[] = [
  'boxRight',
  'boxLoose',
  'boxTight',
  'occluded',
  'blurred',
  'profile',
  'notAFace',
  'size',
];

export function sketchOf(name: SketchName): Sketch {
  const angle = TURN[name] ?? 0;
  const head = new TurnedHead(angle);
  const spots = pointsOn(head, angle);
  const placed = moved(name, spots);
  const points: SketchPoint[] = placed.map(({ spot, state }, index) => {
    const [x, y] = drawn(spot);
    return { x, y, region: regionOf(index), state };
  });
  const hasPoints = !WITHOUT_POINTS.includes(name);
  const seen = angle > 45 ? CURVES.filter((curve) => curve.points.every((i) => !isFarPart(i))) : CURVES;
  const rows = steps(-0.2, 0.9, 12);
  const wide = [
    Math.min(...rows.map((v) => head.nearEdge(v))),
    TIGHT[1],
    Math.max(...rows.map((v) => head.farEdge(v))),
    TIGHT[3],
  ] as const;
  const box =
    name === 'boxLoose'
      ? ([-0.3, -0.52, 1.3, 1.24] as const)
      : name === 'boxTight'
        ? ([0.08, 0.02, 0.92, 0.84] as const)
        : wide;
  return {
    head: headPath(head),
    hair: hairPath(head),
    features: seen
      .filter((curve) => curve.region !== 'jaw')
      .map((curve) =>
        pathOf(
          spots.filter((_, i) => curve.points.includes(i)),
          curve.closed,
        ),
      ),
    points: hasPoints ? points : [],
    contours: hasPoints ? contoursOf(points) : [],
    box: boxed(box),
    cover: name.startsWith('hidden') ? HAND : name === 'occluded' ? SCARF : null,
    blurred: name === 'blurred',
    scale: name === 'size' ? 0.42 : 1,
  };
}

/** Points that a profile does not show: the far brow and the far eye. */
function isFarPart(index: number): boolean {
  return (index >= 22 && index < 27) || (index >= 42 && index < 48);
}
