/** Figures made of bars: a histogram, counts of words, one bar cut by states, passes a day. */

import { axisX, axisY, barX, gridY, rectY, ruleY, text } from '@observablehq/plot';

import { filledDays, passesOf, type Day, type Forecast } from '../../../model/progress';
import { segmentWidths, type Bin, type Segment, type Share, type Tone } from '../../../model/series';
import { countOf, countText, dayText } from '../../../model/words';
import { textWidth, tipOf, type Figure } from './figure';

const faces = (count: number): string => countOf(count, 'face');
const whole = (value: number): string => (Number.isInteger(value) ? countText(value) : '');

interface HistogramOptions {
  unit?: string;
  tone?: Tone;
  /** The last bin has no upper end. */
  openEnd?: boolean;
  /** Address of a bin's faces. */
  hrefOf?: (bin: Bin) => string;
}

/** Bars over consecutive bins, each as wide as the next whatever its range; the edges stand below. */
export function histogram(name: string, bins: readonly Bin[], options: HistogramOptions = {}): Figure {
  const { unit = '', tone = 'accent', openEnd = false, hrefOf } = options;
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const edgeText = (index: number): string => {
    const last = index === bins.length;
    const edge = last ? bins.at(-1)?.to : bins[index]?.from;
    return last && openEnd
      ? ''
      : edge === undefined
        ? ''
        : `${edge}${openEnd && index === bins.length - 1 ? '+' : ''}`;
  };
  const rows = bins.map((bin, index) => {
    const open = openEnd && index === bins.length - 1;
    const range = `${open ? `${bin.from} or more` : `${bin.from} to ${bin.to}`}${unit && ` ${unit}`}`;
    const told = `${range}: ${faces(bin.count)}`;
    return {
      from: index,
      to: index + 1,
      count: bin.count,
      told,
      href: bin.count > 0 ? hrefOf?.(bin) : undefined,
    };
  });
  return {
    summary: `${name}: ${faces(total)} in ${countOf(bins.length, 'bin')}.`,
    draw: (look) => {
      const every = Math.max(1, Math.ceil((bins.length * 34) / Math.max(1, look.width - 60)));
      const ticks = Array.from({ length: bins.length + 1 }, (_, index) => index).filter(
        (index) => index % every === 0,
      );
      return {
        height: 164,
        marginTop: 26,
        marginLeft: 40,
        marginRight: 12,
        marginBottom: 20,
        x: { type: 'linear', domain: [0, Math.max(1, bins.length)] },
        y: { domain: [0, Math.max(1, ...bins.map((bin) => bin.count))], nice: 3 },
        marks: [
          gridY({ ticks: 3, stroke: look.colour('axis'), strokeOpacity: 1 }),
          axisY({
            ticks: 3,
            tickSize: 0,
            tickFormat: whole,
            label: 'faces',
            labelArrow: 'none',
            labelAnchor: 'top',
          }),
          rectY(rows, {
            x1: 'from',
            x2: 'to',
            y: 'count',
            insetLeft: 1,
            insetRight: 1,
            fill: look.colour(tone),
            title: 'told',
            ariaLabel: 'told',
            href: 'href',
            tip: tipOf(look),
          }),
          ruleY([0], { stroke: look.colour('muted') }),
          axisX({ ticks, tickSize: 0, tickPadding: 6, tickFormat: edgeText, label: null }),
        ],
      };
    },
  };
}

/** One horizontal bar a value; count and share stand at the right. */
export function sharesBars(name: string, shares: readonly Share[], tone: Tone = 'accent'): Figure {
  const total = shares.reduce((sum, share) => sum + share.count, 0);
  const rows = shares.map((share) => {
    const percent = total > 0 ? ` · ${Math.round((100 * share.count) / total)} %` : '';
    const count = `${countText(share.count)}${percent}`;
    return {
      ...share,
      figures: count,
      told: `${share.value}: ${faces(share.count)}${percent.replace(' ·', ',')}`,
    };
  });
  const told = shares.map((share) => `${share.value} ${share.count}`).join(', ');
  return {
    summary: `${name}: ${told || 'no faces yet'}.`,
    draw: (look) => {
      const longest = Math.max(24, ...shares.map((share) => textWidth(share.value) + 10));
      const marginLeft = Math.min(longest, 0.38 * look.width);
      const marginRight = Math.max(40, ...rows.map((row) => textWidth(row.figures) + 10));
      return {
        height: Math.max(1, rows.length) * 24,
        marginTop: 0,
        marginBottom: 0,
        marginLeft,
        marginRight,
        x: { axis: null, domain: [0, Math.max(1, ...shares.map((share) => share.count))] },
        y: { domain: rows.map((row) => row.value), paddingInner: 0.4, paddingOuter: 0.2 },
        marks: [
          axisY({
            tickSize: 0,
            label: null,
            fill: look.colour('text'),
            textOverflow: 'ellipsis',
            lineWidth: marginLeft / 11,
            tickPadding: 8,
          }),
          barX(rows, {
            x: 'count',
            y: 'value',
            fill: look.colour(tone),
            title: 'told',
            ariaLabel: 'told',
            href: 'href',
            tip: tipOf(look),
          }),
          text(rows, {
            y: 'value',
            text: 'figures',
            frameAnchor: 'right',
            textAnchor: 'end',
            dx: marginRight,
          }),
        ],
      };
    },
  };
}

/** One bar of full width cut by the counts; a count that is not 0 stays visible. */
export function passBar(name: string, segments: readonly Segment[]): Figure {
  const total = segments.reduce((sum, segment) => sum + segment.count, 0);
  return {
    summary: `${name}: ${segments.map((one) => `${one.name} ${one.count}`).join(', ')}.`,
    draw: (look) => {
      const widths = segmentWidths(
        segments.map((segment) => segment.count),
        look.width,
        2,
      );
      let end = 0;
      const rows = segments.map((segment, index) => {
        const from = end;
        end += widths[index] ?? 0;
        const told = `${segment.name}: ${countText(segment.count)} of ${countText(total)}`;
        return { ...segment, from, to: end, told, colour: look.colour(segment.tone) };
      });
      return {
        height: 12,
        margin: 0,
        x: { axis: null, type: 'identity' },
        color: { type: 'identity' },
        marks: [
          ...(total === 0 ? [barX([0], { x1: 0, x2: look.width, fill: look.colour('idle') })] : []),
          barX(
            rows.filter((row) => row.to > row.from),
            {
              x1: 'from',
              x2: 'to',
              fill: 'colour',
              title: 'told',
              ariaLabel: 'told',
              href: 'href',
            },
          ),
        ],
      };
    },
  };
}

const DAY_MS = 86_400_000;

/** A bar a day until `today` (ISO, UTC), and a dashed line at the pace that the forecast goes by, over its days. */
export function paceBars(name: string, counted: readonly Day[], forecast: Forecast, today: string): Figure {
  const days = filledDays(counted, today);
  const total = days.reduce((sum, day) => sum + passesOf(day), 0);
  const rows = days.map((day) => {
    const from = new Date(day.day);
    const told = `${dayText(day.day)}: ${countOf(passesOf(day), 'pass', 'passes')} by ${countOf(day.people, 'person', 'people')}`;
    return { from, to: new Date(from.getTime() + DAY_MS), passes: passesOf(day), told };
  });
  const end = new Date(today).getTime();
  return {
    summary: `${name}: ${countOf(total, 'pass', 'passes')} in ${countOf(days.length, 'day')}.`,
    draw: (look) => ({
      height: 184,
      marginTop: 26,
      marginLeft: 44,
      marginRight: 8,
      marginBottom: 22,
      x: { type: 'utc', domain: [rows[0]?.from ?? new Date(end), new Date(end + DAY_MS)] },
      y: { domain: [0, Math.max(1, forecast.pace, ...rows.map((row) => row.passes))], nice: 3 },
      marks: [
        gridY({ ticks: 3, stroke: look.colour('axis'), strokeOpacity: 1 }),
        axisY({
          ticks: 3,
          tickSize: 0,
          tickFormat: whole,
          label: 'passes',
          labelArrow: 'none',
          labelAnchor: 'top',
        }),
        rectY(rows, {
          x1: 'from',
          x2: 'to',
          y: 'passes',
          insetLeft: 1,
          insetRight: 1,
          fill: look.colour('accent'),
          title: 'told',
          ariaLabel: 'told',
          tip: tipOf(look),
        }),
        ruleY([0], { stroke: look.colour('muted') }),
        // The days observed end yesterday.
        ...(forecast.state === 'estimated' && forecast.days > 0
          ? [
              ruleY([forecast.pace], {
                x1: new Date(end - forecast.days * DAY_MS),
                x2: new Date(end),
                stroke: look.colour('third'),
                strokeWidth: 2,
                strokeDasharray: '4 3',
                ariaLabel: `Pace of the forecast: ${countText(Math.round(forecast.pace))} passes a day`,
              }),
            ]
          : []),
        axisX({
          ticks: look.width < 520 ? '4 weeks' : '2 weeks',
          tickSize: 4,
          label: null,
          tickFormat: (day: Date) => dayText(day.toISOString()),
        }),
      ],
    }),
  };
}
