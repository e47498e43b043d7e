/** A curve as small as a word, for the row of a table. */

import { line } from '@observablehq/plot';

import type { Figure } from './figure';

/** Values from left to right; null leaves its place out. From 0 up, or between the least and the largest value. */
export function sparkFigure(told: string, values: readonly (number | null)[], fromZero: boolean): Figure {
  const rows = values.flatMap((y, x) => (y === null ? [] : [{ x, y }]));
  const ys = rows.map((row) => row.y);
  const low = fromZero ? 0 : Math.min(...ys);
  return {
    summary: told,
    draw: (look) => ({
      height: 22,
      margin: 2,
      x: { type: 'linear', axis: null, domain: [0, Math.max(1, values.length - 1)] },
      y: { type: 'linear', axis: null, domain: [low, Math.max(low + 1e-9, ...ys)] },
      marks:
        rows.length < 2
          ? []
          : [
              line(rows, {
                x: 'x',
                y: 'y',
                stroke: look.colour('accent'),
                strokeWidth: 1.5,
                strokeLinejoin: 'round',
              }),
            ],
    }),
  };
}
