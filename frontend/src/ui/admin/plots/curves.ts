/** Figures of values in order: curves over steps, and values of one version after another with their intervals. */

import {
  axisX,
  axisY,
  dot,
  gridY,
  initializer,
  line,
  pointerX,
  ruleX,
  text,
  tip,
  type Markish,
} from '@observablehq/plot';

import {
  beginsAtZero,
  shortNumber,
  spread,
  thinned,
  type Curve,
  type Tone,
  type VersionSeries,
} from '../../../model/series';
import { countOf } from '../../../model/words';
import { textWidth, tipOf, type Figure, type Look } from './figure';

const LEFT = 48;
const TOP = 10;
const FOOT = 24;
const NAME_GAP = 13;

interface End {
  name: string;
  tone: Tone;
  x: number | string;
  y: number;
}

/** Names of the series beside their last values, pushed apart where they would touch. */
function endNames(ends: readonly End[], look: Look, height: number): Markish {
  const rows = ends.map((end) => ({ ...end, colour: look.colour(end.tone) }));
  return text(rows, {
    y: 'y',
    text: 'name',
    fill: 'colour',
    frameAnchor: 'right',
    textAnchor: 'start',
    dx: 8,
    ...initializer({}, (_data, facets, channels, scales) => {
      const values = (channels.y?.value ?? []) as unknown as ArrayLike<number>;
      const scale = scales.y as ((value: number) => number) | undefined;
      const wanted = Array.from(values, (value) => Math.max(TOP, scale ? scale(value) : value));
      const order = wanted
        .map((_, index) => index)
        .sort((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
      const places = spread(
        order.map((index) => wanted[index] ?? 0),
        NAME_GAP,
        height - FOOT,
      );
      const y = new Float64Array(wanted.length);
      order.forEach((index, place) => {
        y[index] = places[place] ?? 0;
      });
      return { facets, channels: { y: { value: y } } };
    }),
  });
}

interface CurveOptions {
  height?: number;
  /** Name of the x axis. */
  xName?: string;
  formatY?: (value: number) => string;
}

/** Lines over a numeric x (training steps); each line carries its name at its end. */
export function curvesFigure(name: string, curves: readonly Curve[], options: CurveOptions = {}): Figure {
  const { height = 200, xName = 'step', formatY = shortNumber } = options;
  const known = curves
    .map((curve) => ({
      ...curve,
      points: curve.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    }))
    .filter((curve) => curve.points.length > 0);
  const told = known.map((curve) => `${curve.name} ${formatY(curve.points.at(-1)?.[1] ?? 0)}`);
  return {
    summary: `${name}, latest: ${told.join(', ') || 'nothing yet'}.`,
    draw: (look) => {
      const marginRight = Math.max(16, ...known.map((curve) => textWidth(curve.name) + 12));
      const room = Math.max(2, Math.floor((look.width - LEFT - marginRight) / 2));
      const rows = known.flatMap((curve) =>
        thinned(curve.points, room).map(([x, y]) => ({
          x,
          y,
          name: curve.name,
          colour: look.colour(curve.tone),
          told: `${curve.name}, ${xName} ${Math.round(x).toLocaleString('en')}: ${formatY(y)}`,
          dotted: Boolean(curve.dots) || curve.points.length === 1,
        })),
      );
      const ys = rows.map((row) => row.y);
      const farthest = Math.max(1, ...rows.map((row) => row.x));
      const ends = known.map((curve) => ({
        name: curve.name,
        tone: curve.tone,
        x: 0,
        y: curve.points.at(-1)?.[1] ?? 0,
      }));
      return {
        height,
        marginTop: TOP,
        marginBottom: FOOT,
        marginLeft: LEFT,
        marginRight,
        x: { domain: [Math.min(0, ...rows.map((row) => row.x)), farthest] },
        y: { zero: beginsAtZero(ys), nice: 4 },
        color: { type: 'identity' },
        marks: [
          gridY({ ticks: 4, stroke: look.colour('axis'), strokeOpacity: 1 }),
          axisY({ ticks: 4, tickSize: 0, tickFormat: formatY, label: null }),
          axisX({
            ticks: Math.max(2, Math.floor((look.width - LEFT - marginRight) / 90)),
            tickSize: 0,
            tickFormat: (value: number) => `${value === 0 ? `${xName} ` : ''}${value.toLocaleString('en')}`,
            label: null,
          }),
          line(rows, {
            x: 'x',
            y: 'y',
            z: 'name',
            stroke: 'colour',
            strokeWidth: 2,
            strokeLinejoin: 'round',
          }),
          dot(rows, { filter: 'dotted', x: 'x', y: 'y', r: 3, fill: 'colour', ariaLabel: 'told' }),
          endNames(ends, look, height),
          ...(look.isStill ? [] : [tip(rows, pointerX({ x: 'x', y: 'y', title: 'told', ...tipOf(look) }))]),
        ],
      };
    },
  };
}

export interface VersionOptions {
  height?: number;
  format?: (value: number) => string;
  /** For the axis, where fewer digits do. */
  formatTick?: (value: number) => string;
  /** The axis may begin near the values: for shares that hardly leave 1. */
  isCropped?: boolean;
}

/** Values of each version in order with their intervals as whiskers; y from 0 unless cropped. */
export function versionsFigure(
  name: string,
  versions: readonly string[],
  series: readonly VersionSeries[],
  options: VersionOptions = {},
): Figure {
  const { height = 180, format = shortNumber, formatTick = shortNumber, isCropped = false } = options;
  const many = series.length > 1;
  const measured = series.flatMap((one, row) =>
    one.values.flatMap((value, index) => {
      if (!value) return [];
      const between = typeof value.low === 'number' && typeof value.high === 'number';
      const interval = between
        ? ` (95 % interval ${format(value.low ?? 0)} to ${format(value.high ?? 0)})`
        : '';
      const of = `${many ? `${one.name}, ` : ''}${versions[index] ?? ''}`;
      return [
        {
          row,
          series: one.name,
          tone: one.tone,
          // Two versions may have one name, so that their place tells them apart.
          x: index,
          y: value.value,
          low: between ? value.low : null,
          high: between ? value.high : null,
          told: `${of}: ${format(value.value)}${interval}, ${countOf(value.n, 'face')}`,
        },
      ];
    }),
  );
  return {
    summary: `${name}: ${measured.map((one) => one.told).join('; ') || 'nothing measured yet'}.`,
    draw: (look) => {
      const marginRight = many ? Math.max(16, ...series.map((one) => textWidth(one.name) + 16)) : 16;
      const step = (look.width - LEFT - marginRight) / Math.max(1, versions.length);
      const every = Math.max(1, Math.ceil((Math.max(0, ...versions.map(textWidth)) + 8) / step));
      const shiftOf = (row: number): number =>
        many ? (row - (series.length - 1) / 2) * Math.min(5, step / (series.length + 2)) : 0;
      const bounds = measured.flatMap((one) => [one.y, one.low ?? one.y, one.high ?? one.y]);
      const ends = series.flatMap((one): End[] => {
        const last = one.values.findLast((value) => value !== null);
        return last ? [{ name: one.name, tone: one.tone, x: 0, y: last.value }] : [];
      });
      return {
        height,
        marginTop: TOP,
        marginBottom: FOOT,
        marginLeft: LEFT,
        marginRight,
        x: { type: 'linear', domain: [-0.5, Math.max(1, versions.length) - 0.5] },
        y: {
          domain: [
            Math.min(isCropped ? Infinity : 0, ...bounds),
            Math.max(...(bounds.length > 0 ? bounds : [1])),
          ],
          nice: 3,
        },
        color: { type: 'identity' },
        marks: [
          gridY({ ticks: 3, stroke: look.colour('axis'), strokeOpacity: 1 }),
          axisY({ ticks: 3, tickSize: 0, tickFormat: formatTick, label: null }),
          axisX({
            ticks: versions.map((_, index) => index).filter((index) => index % every === 0),
            tickSize: 0,
            tickFormat: (index: number) => versions[index] ?? '',
            label: null,
          }),
          ...series.flatMap((_, row): Markish[] => {
            const own = measured.filter((one) => one.row === row);
            const stroke = look.colour(series[row]?.tone ?? 'accent');
            const place = { x: 'x', dx: shiftOf(row) };
            return [
              line(own, { ...place, y: 'y', stroke, strokeWidth: 2 }),
              ruleX(
                own.filter((one) => one.low !== null),
                { ...place, y1: 'low', y2: 'high', stroke, strokeWidth: 1 },
              ),
              dot(own, {
                ...place,
                y: 'y',
                r: 4,
                fill: stroke,
                title: 'told',
                ariaLabel: 'told',
                tip: tipOf(look),
              }),
            ];
          }),
          ...(many ? [endNames(ends, look, height)] : []),
        ],
      };
    },
  };
}
