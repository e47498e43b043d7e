/** Milliseconds of one move, by the number of pinned points: `npx vitest bench --run src/model/shapeMoves.bench.ts`. */

import { bench, describe } from 'vitest';

import { imagePx } from './coords';
import { POINTS } from './ibug68';
import { shapeModelFrom } from './shapeModel';
import file from './shapeModelDefault.json';
import { fitThree, settle } from './shapeMoves';

const model = shapeModelFrom(file);
const base = fitThree(model, imagePx(100, 100), imagePx(200, 100), imagePx(150, 220)) ?? [];

describe('one move', () => {
  for (const pinned of [1, 12, 34, POINTS]) {
    const pins = new Map(base.slice(0, pinned).map((p, i) => [i, imagePx(p.x + 2, p.y - 1)]));
    bench(`${pinned} pinned`, () => {
      settle(model, base, pins, 'prelabel');
    });
  }
});
