/** Figures of values with their intervals, a row each: gains of a model, agreement by label. */

import { axisX, axisY, dot, gridX, link, ruleX, ruleY, text, type Markish } from '@observablehq/plot';

import type { ForestRow, IntervalRow } from '../../../model/series';
import { textWidth, tipOf, type Figure, type Look } from './figure';

const ROW = 28;

function names(rows: readonly { name: string }[], look: Look, marginLeft: number): Markish {
  return axisY({
    tickSize: 0,
    label: null,
    fill: look.colour('text'),
    tickFormat: (index: number) => rows[index]?.name ?? '',
    textOverflow: 'ellipsis',
    lineWidth: marginLeft / 11,
    tickPadding: 8,
  });
}

const roomFor = (texts: readonly string[], most: number): number =>
  Math.min(most, Math.max(60, ...texts.map(textWidth)) + 14);

/** One row a difference with its interval around the line of "no difference"; each row has its own scale. */
export function forestFigure(name: string, rows: readonly ForestRow[]): Figure {
  const told = rows.map((one) => `${one.name} ${one.text}`);
  return {
    summary: `${name}: ${told.join('; ') || 'nothing compared'}.`,
    draw: (look) => {
      const marginLeft = roomFor(
        rows.map((row) => row.name),
        0.35 * look.width,
      );
      const marginRight = roomFor(
        rows.map((row) => row.text),
        0.4 * look.width,
      );
      const shown = rows.flatMap((row, index) => {
        if (row.difference === null) return [];
        const [low, high] = [row.low ?? row.difference, row.high ?? row.difference];
        const most = Math.max(Math.abs(row.difference), Math.abs(low), Math.abs(high)) || 1;
        const told = `${row.name}: ${row.text}`;
        return [
          {
            index,
            x: row.difference / most,
            low: low / most,
            high: high / most,
            colour: look.colour(row.tone),
            told,
          },
        ];
      });
      return {
        height: rows.length * ROW + 24,
        marginTop: 24,
        marginBottom: 0,
        marginLeft,
        marginRight,
        x: { type: 'linear', axis: null, domain: [-1.08, 1.08] },
        y: { type: 'point', domain: rows.map((_, index) => index), padding: 0.5 },
        color: { type: 'identity' },
        marks: [
          names(rows, look, marginLeft),
          ruleX([0], { stroke: look.colour('muted'), strokeDasharray: '4 3' }),
          text([0], { x: 0, frameAnchor: 'top', dx: -8, dy: -14, textAnchor: 'end', text: () => '← worse' }),
          text([0], {
            x: 0,
            frameAnchor: 'top',
            dx: 8,
            dy: -14,
            textAnchor: 'start',
            text: () => 'better →',
          }),
          ...whiskers(shown, look),
          text(rows, {
            y: (_: ForestRow, index: number) => index,
            text: 'text',
            fill: look.colour('text'),
            frameAnchor: 'right',
            textAnchor: 'end',
            dx: marginRight,
          }),
        ],
      };
    },
  };
}

interface Whisker {
  index: number;
  x: number;
  low: number;
  high: number;
  colour: string;
  told: string;
}

function whiskers(rows: readonly Whisker[], look: Look): Markish[] {
  const bounded = rows.filter((row) => row.low < row.high);
  return [
    ruleY(bounded, { y: 'index', x1: 'low', x2: 'high', stroke: 'colour', strokeWidth: 2 }),
    ...(['low', 'high'] as const).map((end) =>
      link(bounded, {
        x1: end,
        x2: end,
        y1: 'index',
        y2: 'index',
        stroke: 'colour',
        strokeWidth: 2,
        strokeLinecap: 'butt',
        markerStart: 'tick',
      }),
    ),
    dot(rows, {
      x: 'x',
      y: 'index',
      r: 4.5,
      fill: 'colour',
      title: 'told',
      ariaLabel: 'told',
      tip: tipOf(look),
    }),
  ];
}

interface IntervalOptions {
  /** The whole scale; from 0 to the largest bound without one. */
  domain?: readonly [number, number];
  formatTick: (value: number) => string;
  /** Values that a reader compares with, marked by a dashed line and named at the top. */
  marks?: readonly { at: number; name: string }[];
}

/** One row a value on a common scale, with its interval; values and intervals stand in words at the right. */
export function intervalsFigure(
  name: string,
  rows: readonly IntervalRow[],
  options: IntervalOptions,
): Figure {
  const told = rows.map((one) => `${one.name} ${one.text}`);
  return {
    summary: `${name}: ${told.join('; ') || 'nothing measured'}.`,
    draw: (look) => {
      const marginLeft = roomFor(
        rows.map((row) => row.name),
        0.35 * look.width,
      );
      const marginRight = roomFor(
        rows.map((row) => row.text),
        0.55 * look.width,
      );
      const shown = rows.flatMap((row, index): Whisker[] =>
        row.value === null
          ? []
          : [
              {
                index,
                x: row.value,
                low: row.low ?? row.value,
                high: row.high ?? row.value,
                colour: look.colour(row.tone),
                told: `${row.name}: ${row.text}`,
              },
            ],
      );
      const lines = options.marks ?? [];
      const bounds = shown.flatMap((row) => [row.low, row.high]);
      const domain = options.domain ?? [Math.min(0, ...bounds), Math.max(0, ...bounds) || 1];
      const top = lines.length > 0 ? 22 : 4;
      const ticks = Math.max(1, Math.min(5, Math.floor((look.width - marginLeft - marginRight) / 50)));
      return {
        height: rows.length * ROW + top + 22,
        marginTop: top,
        marginBottom: 22,
        marginLeft,
        marginRight,
        x: { type: 'linear', domain: [...domain], nice: options.domain ? false : 4, clamp: true },
        y: { type: 'point', domain: rows.map((_, index) => index), padding: 0.5 },
        color: { type: 'identity' },
        marks: [
          gridX({ ticks, stroke: look.colour('axis'), strokeOpacity: 1 }),
          names(rows, look, marginLeft),
          axisX({ ticks, tickSize: 0, tickFormat: options.formatTick, label: null }),
          ruleX(lines, { x: 'at', stroke: look.colour('muted'), strokeDasharray: '4 3' }),
          // The first name stands left of its line and the others right of theirs: they may be close.
          ...lines.map((one, index) =>
            text([one], {
              x: 'at',
              text: 'name',
              frameAnchor: 'top',
              textAnchor: index === 0 && lines.length > 1 ? 'end' : 'start',
              dx: index === 0 && lines.length > 1 ? -4 : 4,
              dy: -14,
            }),
          ),
          ...whiskers(shown, look),
          text(rows, {
            y: (_: IntervalRow, index: number) => index,
            text: 'text',
            fill: look.colour('text'),
            frameAnchor: 'right',
            textAnchor: 'end',
            dx: marginRight,
          }),
        ],
      };
    },
  };
}
