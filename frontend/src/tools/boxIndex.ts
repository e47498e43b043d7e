/** Which of hundreds of boxes lies under the pointer, asked at every movement of it. */

import type { BoxTuple } from '../api/types';
import type { ImagePx } from '../model/coords';

/**
 * Boxes by rising area, so that the first one that is hit is the answer: of boxes inside each other the smallest, which
 * could not be reached otherwise. Edges lie in one flat array: nothing is allocated while the pointer moves.
 */
export class BoxIndex<T> {
  readonly #edges: Float64Array;
  readonly #of: readonly T[];

  constructor(boxes: readonly { box: BoxTuple; of: T }[]) {
    const area = ([x1, y1, x2, y2]: BoxTuple): number => (x2 - x1) * (y2 - y1);
    const sorted = [...boxes].sort((a, b) => area(a.box) - area(b.box));
    this.#edges = Float64Array.from(sorted.flatMap((one) => [...one.box]));
    this.#of = sorted.map((one) => one.of);
  }

  /** The smallest box at this place or within `reach` image pixels of it, or null. */
  at({ x, y }: ImagePx, reach = 0): T | null {
    const edges = this.#edges;
    for (let i = 0, k = 0; k < edges.length; i += 1, k += 4) {
      const isIn =
        x >= (edges[k] ?? NaN) - reach &&
        y >= (edges[k + 1] ?? NaN) - reach &&
        x <= (edges[k + 2] ?? NaN) + reach &&
        y <= (edges[k + 3] ?? NaN) + reach;
      if (isIn) return this.#of[i] ?? null;
    }
    return null;
  }
}
