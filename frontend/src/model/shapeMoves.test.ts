import { describe, expect, it } from 'vitest';

import { imagePx, type ImagePx } from './coords';
import golden from './fixtures/shapeMoves.json';
import { POINTS } from './ibug68';
import { shapeModelFrom, SIZE, type Points68, type Start, type Tally } from './shapeModel';
import file from './shapeModelDefault.json';
import {
  fitThree,
  mirrorSide,
  PARTS,
  refitPart,
  settle,
  slideJaw,
  type PartName,
  type Side,
} from './shapeMoves';

const MODEL = shapeModelFrom(file);

/** The mean, 200 pixels between the outer eye corners, centroid at (500, 400). */
const MEAN: ImagePx[] = Array.from({ length: POINTS }, (_, i) =>
  imagePx(500 + 200 * (MODEL.mean[2 * i] ?? 0), 400 + 200 * (MODEL.mean[2 * i + 1] ?? 0)),
);

const face = (points: readonly (readonly number[] | null)[]): Points68 =>
  points.map((p) => (p ? imagePx(p[0] ?? NaN, p[1] ?? NaN) : null));

function expectSame(found: Points68 | null, wanted: Points68): void {
  expect(found?.length).toBe(wanted.length);
  for (const [i, p] of wanted.entries()) {
    const q = found?.[i] ?? null;
    if (!p) expect(q).toBeNull();
    else {
      expect(q?.x).toBeCloseTo(p.x, 4);
      expect(q?.y).toBeCloseTo(p.y, 4);
    }
  }
}

const at = (points: Points68 | null, i: number): ImagePx => points?.[i] ?? imagePx(NaN, NaN);

const centre = (points: Points68 | null, from: number, to: number): ImagePx => {
  const part = (points ?? []).slice(from, to).flatMap((p) => p ?? []);
  return imagePx(
    part.reduce((sum, p) => sum + p.x, 0) / part.length,
    part.reduce((sum, p) => sum + p.y, 0) / part.length,
  );
};

describe('the golden file of the Python side', () => {
  it.each(golden.settle)('settles as Python does, case %#', ({ start, base, pins, points }) => {
    const held = new Map(pins.map(([i, x, y]) => [i ?? -1, imagePx(x ?? NaN, y ?? NaN)]));
    expectSame(settle(MODEL, face(base), held, start as Start), face(points));
  });

  it.each(golden.three)('fits three clicks as Python does, case %#', ({ clicks, points }) => {
    const [left, right, mouth] = face(clicks);
    expectSame(
      fitThree(MODEL, left ?? imagePx(0, 0), right ?? imagePx(0, 0), mouth ?? imagePx(0, 0)),
      face(points),
    );
  });

  it.each(golden.mirror)('mirrors as Python does, case %#', ({ points, source, keep, found }) => {
    expectSame(mirrorSide(face(points), source as Side, new Set(keep)), face(found));
  });

  it.each(golden.slide)('slides as Python does, case %#', ({ points, index, along, keep, found }) => {
    expectSame(slideJaw(face(points), index, along, new Set(keep)), face(found));
  });

  it.each(golden.refit)('re-fits a part as Python does, case %#', ({ points, part, box, roll, found }) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = box;
    expectSame(refitPart(face(points), part as PartName, [x1, y1, x2, y2], roll), face(found));
  });
});

describe('settle', () => {
  it('holds pinned points exactly and takes the neighbours along, less the further off', () => {
    const pins = new Map([[30, imagePx(at(MEAN, 30).x + 12, at(MEAN, 30).y)]]);
    const found = settle(MODEL, MEAN, pins, 'prelabel');
    const moved = (i: number): number => at(found, i).x - at(MEAN, i).x;

    expect(at(found, 30)).toEqual(pins.get(30));
    expect(moved(29)).toBeGreaterThan(4);
    expect(moved(29)).toBeLessThan(12);
    expect(Math.abs(moved(0))).toBeLessThan(moved(29) / 2);
  });

  it('leaves the base alone without pins, and when pins lie where they were', () => {
    const before = structuredClone(MEAN);
    expectSame(settle(MODEL, MEAN, new Map(), 'template'), MEAN);
    expectSame(settle(MODEL, MEAN, new Map([[5, at(MEAN, 5)]]), 'template'), MEAN);
    expect(MEAN).toEqual(before);
  });

  it('does the same in a turned, shifted and larger image', () => {
    const turn = (p: ImagePx): ImagePx => imagePx(30 - 3 * p.y, 7 + 3 * p.x);
    const goal = imagePx(at(MEAN, 8).x + 20, at(MEAN, 8).y + 35);
    const found = settle(MODEL, MEAN, new Map([[8, goal]]), 'template');
    const turned = settle(MODEL, MEAN.map(turn), new Map([[8, turn(goal)]]), 'template');

    expectSame(
      turned,
      found.map((p) => (p ? turn(p) : null)),
    );
  });

  it('places a missing pinned point and learns nothing from it', () => {
    const base: Points68 = MEAN.map((p, i) => (i === 20 ? null : p));
    const found = settle(MODEL, base, new Map([[20, imagePx(1, 2)]]), 'prelabel');

    expectSame(
      found,
      base.map((p, i) => (i === 20 ? imagePx(1, 2) : p)),
    );
  });

  it('gives the pins alone where nothing else is known', () => {
    const found = settle(
      MODEL,
      Array.from({ length: POINTS }, () => null),
      new Map([[3, imagePx(4, 5)]]),
      'template',
    );

    expect(found.filter((p) => p !== null)).toEqual([imagePx(4, 5)]);
  });

  it('needs fewer than two million products for any move, some milliseconds at most', () => {
    const cost = (pinned: number): number => {
      const tally: Tally = { products: 0 };
      const pins = new Map(MEAN.slice(0, pinned).map((p, i) => [i, imagePx(p.x + 1, p.y)]));
      settle(MODEL, MEAN, pins, 'prelabel', tally);
      return tally.products;
    };
    expect(cost(1)).toBeLessThan(2_000);
    expect(cost(12)).toBeLessThan(20_000);
    expect(cost(POINTS)).toBeGreaterThan(SIZE ** 3 / 6);
    expect(cost(POINTS)).toBeLessThan(2_000_000);
  });
});

describe('the other gestures', () => {
  it('puts the eye and mouth centres on the three clicks', () => {
    const clicks = [imagePx(100, 100), imagePx(200, 130), imagePx(120, 230)] as const;
    const found = fitThree(MODEL, ...clicks);

    for (const [part, click] of [
      [36, 42],
      [42, 48],
      [48, 60],
    ].map((part, k) => [part, clicks[k]] as const)) {
      const middle = centre(found, part[0] ?? 0, part[1] ?? 0);
      expect(middle.x).toBeCloseTo(click?.x ?? NaN, 6);
      expect(middle.y).toBeCloseTo(click?.y ?? NaN, 6);
    }
    expect(fitThree(MODEL, clicks[0], clicks[0], clicks[0])).toBeNull();
  });

  it('mirrors the left half about the middle and keeps pinned points', () => {
    const askew = MEAN.map((p, i) => (i === 36 ? imagePx(p.x - 10, p.y + 4) : p));
    const found = mirrorSide(askew, 'left', new Set([54]));

    expect(at(found, 45).x).toBeCloseTo(1000 - at(askew, 36).x, 6);
    expect(at(found, 45).y).toBeCloseTo(at(askew, 36).y, 6);
    expect(at(found, 54)).toEqual(at(askew, 54));
    expect(at(found, 36)).toEqual(at(askew, 36));
    expect(
      mirrorSide(
        MEAN.map((p, i) => (i === 8 ? p : null)),
        'left',
      ),
    ).toBeNull();
  });

  it('slides a point of a straight jaw along it, its neighbours in proportion, and stops before an anchor', () => {
    const straight: Points68 = MEAN.map((p, i) => (i < 17 ? imagePx(10 * i, 0) : p));
    const found = slideJaw(straight, 4, 10, new Set([8]));

    expect([3, 4, 6, 8, 9].map((i) => at(found, i).x)).toEqual([
      expect.closeTo(37.5, 6),
      expect.closeTo(50, 6),
      expect.closeTo(65, 6),
      80,
      90,
    ]);
    expect(at(slideJaw(straight, 4, 999, new Set([8])), 4).x).toBeCloseTo(78.4, 6);
    expect(slideJaw(straight, 30, 1)).toBeNull();
    expect(
      slideJaw(
        straight.map((p, i) => (i === 2 ? null : p)),
        4,
        1,
      ),
    ).toBeNull();
  });

  it('fills a dragged box with the part and leaves the rest', () => {
    const found = refitPart(MEAN, 'lips', [10, 20, 110, 70]);
    const lips = PARTS.lips.map((i) => at(found, i));

    expect(Math.min(...lips.map((p) => p.x))).toBeCloseTo(10, 9);
    expect(Math.max(...lips.map((p) => p.y))).toBeCloseTo(70, 9);
    expect(at(found, 30)).toEqual(at(MEAN, 30));
    expect(refitPart(MEAN, 'lips', [10, 20, 10, 70])).toBeNull();
  });
});

describe('shapeModelFrom', () => {
  it('refuses another format version and damaged shapes in words', () => {
    expect(() => shapeModelFrom({ ...file, format_version: 2 })).toThrow(/version 1/);
    expect(() => shapeModelFrom({ ...file, mean: [1, 2] })).toThrow(/68 points/);
    const { jaw, ...rest } = file.stiffness;
    expect(jaw).toHaveLength(3);
    expect(() => shapeModelFrom({ ...file, stiffness: rest }).covariance('template')).toThrow(/jaw/);
  });

  it('makes the covariance of a start once', () => {
    expect(MODEL.covariance('prelabel')).toBe(MODEL.covariance('prelabel'));
    expect(MODEL.covariance('prelabel')).not.toBe(MODEL.covariance('template'));
  });
});
