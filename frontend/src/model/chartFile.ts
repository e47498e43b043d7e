/** What of a chart is saved: a complete SVG file, and its numbers as CSV. */

import type { Chart, Mark, Tone } from './charts';

const FILE_COLOURS: Record<Tone, string> = {
  accent: '#2f6fed',
  second: '#5a8a72',
  third: '#8d5fc9',
  good: '#1f8f5f',
  'good-soft': '#68b890',
  bad: '#c43c3c',
  wait: '#9cc2f8',
  warn: '#d9822b',
  idle: '#e3e6eb',
  axis: '#d5d9e0',
  text: '#1b1f27',
  muted: '#626a78',
  jaw: '#4a75e0',
  brows: '#b57d0c',
  nose: '#1f9468',
  eyes: '#d64f7e',
  lips: '#8d5fc9',
};

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function markSvg(mark: Mark): string {
  const colour = FILE_COLOURS[mark.tone];
  const title = mark.label ? `<title>${escapeXml(mark.label)}</title>` : '';
  switch (mark.kind) {
    case 'rect':
      return `<rect x="${mark.x}" y="${mark.y}" width="${mark.width}" height="${mark.height}" fill="${colour}">${title}</rect>`;
    case 'text':
      return `<text x="${mark.x}" y="${mark.y}" text-anchor="${mark.anchor}" fill="${colour}">${escapeXml(mark.text)}</text>`;
    case 'line': {
      const points = mark.points.map(([x, y]) => `${x},${y}`).join(' ');
      const width = mark.thin || mark.tone === 'axis' ? 1 : 2;
      const dash = mark.dashed ? ' stroke-dasharray="4 3"' : '';
      return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="${width}"${dash}>${title}</polyline>`;
    }
    case 'area': {
      const points = mark.points.map(([x, y]) => `${x},${y}`).join(' ');
      return `<polygon points="${points}" fill="${colour}" fill-opacity="0.18">${title}</polygon>`;
    }
    case 'dot': {
      const paint = mark.hollow ? `fill="#ffffff" stroke="${colour}" stroke-width="2"` : `fill="${colour}"`;
      return `<circle cx="${mark.x}" cy="${mark.y}" r="${mark.radius}" ${paint}>${title}</circle>`;
    }
  }
}

/** The chart as a complete SVG file on white, with its title and its summary inside. */
export function chartSvg(chart: Chart): string {
  const head = 28;
  const edge = 12;
  const width = chart.width + 2 * edge;
  const height = chart.height + head + edge;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` font-family="Inter, system-ui, sans-serif" font-size="11" role="img">`,
    `<title>${escapeXml(chart.title)}</title><desc>${escapeXml(chart.summary)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${edge}" y="18" font-size="12" font-weight="600" fill="${FILE_COLOURS.text}">${escapeXml(chart.title)}</text>`,
    `<g transform="translate(${edge} ${head})">`,
    ...chart.marks.map(markSvg),
    `</g></svg>\n`,
  ].join('');
}

export type Cell = string | number | null;

/** RFC 4180 text: commas, CRLF, quotes where needed; null is an empty field. */
export function csvText(header: string[], rows: Cell[][]): string {
  const field = (cell: Cell): string => {
    const text = cell === null ? '' : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}
