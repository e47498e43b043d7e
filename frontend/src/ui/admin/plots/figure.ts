/**
 * A figure is a plot before it is drawn: what it says in words, and how Observable Plot draws it at a given width in
 * given colours. The same figure is drawn on the page and into a saved file.
 */

import { plot, type PlotOptions, type TipOptions } from '@observablehq/plot';

import type { Tone } from '../../../model/series';

export interface Look {
  /** CSS pixels. */
  width: number;
  colour: (tone: Tone) => string;
  /** A file: nothing follows the pointer, and nothing is a link. */
  isStill: boolean;
}

export interface Figure {
  /** One sentence that says what the plot shows, for people who do not see it. */
  summary: string;
  draw: (look: Look) => PlotOptions;
}

const soft = (colour: string): string => `color-mix(in srgb, ${colour} 50%, var(--panel))`;

const SCREEN: Record<Tone, string> = {
  accent: 'var(--chart-1)',
  second: 'var(--chart-2)',
  third: 'var(--chart-lips)',
  good: 'var(--good)',
  'good-soft': soft('var(--good)'),
  bad: 'var(--bad-line)',
  wait: soft('var(--chart-1)'),
  warn: 'var(--chart-3)',
  idle: 'var(--track)',
  axis: 'var(--line)',
  text: 'var(--text)',
  muted: 'var(--muted)',
  panel: 'var(--panel)',
  jaw: 'var(--chart-jaw)',
  brows: 'var(--chart-brows)',
  nose: 'var(--chart-nose)',
  eyes: 'var(--chart-eyes)',
  lips: 'var(--chart-lips)',
};

/** For print: the light theme's colours, said outright. */
const FILE: Record<Tone, string> = {
  accent: '#2563d9',
  second: '#5a8a72',
  third: '#8d5fc9',
  good: '#1f7a4d',
  'good-soft': '#8fbca6',
  bad: '#c43c3c',
  wait: '#92b1ec',
  warn: '#c77c1e',
  idle: '#e3e6eb',
  axis: '#dfe3e9',
  text: '#14171c',
  muted: '#596273',
  panel: '#ffffff',
  jaw: '#4a75e0',
  brows: '#b57d0c',
  nose: '#1f9468',
  eyes: '#d64f7e',
  lips: '#8d5fc9',
};

/** For class names of CSS that paints keys beside a plot in the colours of the plot. */
export const screenColour = (tone: Tone): string => SCREEN[tone];
export const screenLook = (width: number): Look => ({ width, colour: screenColour, isStill: false });
export const fileLook = (width: number): Look => ({ width, colour: (tone) => FILE[tone], isStill: true });

/** The tip of a mark with a title; none in a file. */
export const tipOf = (look: Look): TipOptions | false =>
  look.isStill
    ? false
    : {
        fill: look.colour('panel'),
        stroke: look.colour('muted'),
        fontSize: 12,
        lineWidth: 24,
        pathFilter: 'none',
      };

const XLINK = 'http://www.w3.org/1999/xlink';

/** About the width of a text of 11 px, for leaving room beside a plot. */
export const textWidth = (text: string): number => text.length * 6.2;

/** The plot as an SVG element: fonts of the page, links as links, and a name for people who do not see it. */
export function drawn(figure: Figure, look: Look): SVGSVGElement {
  const svg = plot({
    ...figure.draw(look),
    width: look.width,
    figure: false,
  } as PlotOptions) as SVGSVGElement;
  svg.setAttribute('font-family', look.isStill ? 'Inter, system-ui, sans-serif' : 'inherit');
  svg.setAttribute('font-size', '11');
  svg.setAttribute('fill', look.colour('muted'));
  svg.querySelector(':scope > style')?.remove();
  const links = [...svg.querySelectorAll('a')];
  for (const link of links) {
    const mark = link.firstElementChild;
    const address = link.getAttributeNS(XLINK, 'href') ?? '';
    link.removeAttributeNS(XLINK, 'href');
    link.setAttribute('href', address);
    link.setAttribute('aria-label', mark?.getAttribute('aria-label') ?? '');
    mark?.removeAttribute('aria-label');
    mark?.setAttribute('aria-hidden', 'true');
    if (look.isStill) link.replaceWith(...link.childNodes);
  }
  // Ticks and groups are in the summary and in the table; a name on a group without a role is no name.
  for (const group of svg.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label');
  const marks = svg.querySelectorAll('[aria-label]:not(a)');
  for (const mark of marks) mark.setAttribute('role', 'img');
  svg.setAttribute('role', marks.length + links.length > 0 && !look.isStill ? 'group' : 'img');
  svg.setAttribute('aria-label', figure.summary);
  return svg;
}
