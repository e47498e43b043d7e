/** A plain face with an arrow for the systematic offset of each region. */

import { arrow, dot, line } from '@observablehq/plot';

import type { PersonSkill } from '../../../api/types';
import { CURVES, TEMPLATE } from '../../../model/ibug68';
import { EXAGGERATED, offsetArrows } from '../../../model/quality';
import { tipOf, type Figure } from './figure';

const MARGIN = 24;

/** Arrows are EXAGGERATED times as long as the offsets; regions within chance have a hollow dot. */
export function offsetsFigure(offsets: PersonSkill['offsets']): Figure {
  const found = offsetArrows(offsets);
  return {
    summary: `Where the points of each region lie on average: ${found.map((one) => one.told).join('; ') || 'nothing measured yet'}.`,
    draw: (look) => {
      const outline = CURVES.flatMap((curve, index) => {
        const points = curve.points.map((point) => TEMPLATE[point] ?? [0, 0]);
        const closed = curve.closed && points[0] ? [...points, points[0]] : points;
        return closed.map(([x, y]) => ({ x, y, index }));
      });
      const rows = found.map((one) => ({ ...one, colour: look.colour(one.region) }));
      const moved = rows.filter((one) => one.isSystematic);
      return {
        height: look.width,
        margin: MARGIN,
        x: { type: 'linear', axis: null, domain: [0, 1] },
        y: { type: 'linear', axis: null, domain: [1, 0] },
        color: { type: 'identity' },
        marks: [
          line(outline, {
            x: 'x',
            y: 'y',
            z: 'index',
            stroke: look.colour('muted'),
            strokeOpacity: 0.6,
            strokeWidth: 1,
          }),
          arrow(moved, {
            x1: 'x',
            y1: 'y',
            x2: (one: (typeof rows)[number]) => one.x + EXAGGERATED * one.dx,
            y2: (one: (typeof rows)[number]) => one.y + EXAGGERATED * one.dy,
            stroke: 'colour',
            strokeWidth: 2,
            headLength: 7,
          }),
          dot(rows, {
            x: 'x',
            y: 'y',
            r: 3,
            stroke: 'colour',
            strokeWidth: 2,
            fill: (one: (typeof rows)[number]) => (one.isSystematic ? one.colour : look.colour('panel')),
            title: 'told',
            ariaLabel: 'told',
            tip: tipOf(look),
          }),
        ],
      };
    },
  };
}
