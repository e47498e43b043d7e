/** A figure as an SVG file that stands alone: on white, with its title and its summary inside. */

import { drawn, fileLook, type Figure } from './figure';

const WIDTH = 640;
const EDGE = 16;
const HEAD = 32;
const SVG = 'http://www.w3.org/2000/svg';

/** The file's text. Styles are attributes of the elements, so that no page and no style sheet is needed to read it. */
export function plotFile(title: string, figure: Figure): string {
  const look = fileLook(WIDTH);
  const plot = drawn(figure, look);
  const height = Number(plot.getAttribute('height') ?? 0);
  const make = (name: string, attributes: Record<string, string | number>, text = ''): SVGElement => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    if (text) element.textContent = text;
    return element;
  };
  const [fullWidth, fullHeight] = [WIDTH + 2 * EDGE, height + HEAD + EDGE];
  const file = make('svg', {
    viewBox: `0 0 ${fullWidth} ${fullHeight}`,
    width: fullWidth,
    height: fullHeight,
    role: 'img',
    'font-family': 'Inter, system-ui, sans-serif',
  });
  plot.setAttribute('x', String(EDGE));
  plot.setAttribute('y', String(HEAD));
  plot.removeAttribute('class');
  plot.removeAttribute('role');
  plot.removeAttribute('aria-label');
  file.append(
    make('title', {}, title),
    make('desc', {}, figure.summary),
    make('rect', { width: fullWidth, height: fullHeight, fill: look.colour('panel') }),
    make('text', { x: EDGE, y: 20, fill: look.colour('text'), 'font-size': 13, 'font-weight': 600 }, title),
    plot,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(file)}\n`;
}
