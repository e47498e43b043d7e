// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import type { Forecast } from '../../../model/progress';
import { histogram, paceBars, passBar, sharesBars } from './bars';
import { curvesFigure, versionsFigure } from './curves';
import { drawn, fileLook, screenLook, type Figure } from './figure';
import { forestFigure, intervalsFigure } from './intervals';
import { offsetsFigure } from './offsets';
import { plotFile } from './savedPlot';
import { sparkFigure } from './spark';

const WIDTH = 400;
const onPage = (figure: Figure): SVGSVGElement => drawn(figure, screenLook(WIDTH));
const number = (element: Element | undefined, name: string): number => Number(element?.getAttribute(name));
const texts = (svg: Element): string[] => [...svg.querySelectorAll('text')].map((one) => one.textContent);
const named = (svg: Element, tag: string): string[] =>
  [...svg.querySelectorAll(`${tag}[aria-label]`)].map((one) => one.getAttribute('aria-label') ?? '');

const bins = [
  { from: 0, to: 10, count: 2 },
  { from: 10, to: 20, count: 4 },
  { from: 20, to: 30, count: 0 },
];

describe('histogram', () => {
  it('makes bar heights proportional to the counts', () => {
    const bars = [...onPage(histogram('Age', bins)).querySelectorAll('rect')];
    expect(number(bars[1], 'height')).toBeCloseTo(2 * number(bars[0], 'height'), 1);
    expect(number(bars[2], 'height')).toBe(0);
  });
  it('says range, unit and count of each bar in words', () => {
    expect(named(onPage(histogram('Age', bins, { unit: 'years' })), 'rect')).toEqual([
      '0 to 10 years: 2 faces',
      '10 to 20 years: 4 faces',
      '20 to 30 years: 0 faces',
    ]);
  });
  it('links only bars with faces behind them, and names the links', () => {
    const svg = onPage(histogram('Age', bins, { hrefOf: (bin) => `?from=${bin.from}` }));
    expect([...svg.querySelectorAll('a')].map((link) => link.getAttribute('href'))).toEqual([
      '?from=0',
      '?from=10',
    ]);
    expect(named(svg, 'a')).toEqual(['0 to 10: 2 faces', '10 to 20: 4 faces']);
    expect(svg.getAttribute('role')).toBe('group');
  });
  it('writes an open end as such', () => {
    expect(texts(onPage(histogram('Size', bins, { openEnd: true })))).toContain('20+');
    expect(named(onPage(histogram('Size', bins, { openEnd: true })), 'rect')[2]).toBe('20 or more: 0 faces');
  });
  it('draws axes without bins', () => {
    expect(onPage(histogram('Age', [])).querySelectorAll('rect')).toHaveLength(0);
  });
});

describe('sharesBars', () => {
  const shares = [
    { value: 'female', count: 3 },
    { value: 'male', count: 1 },
  ];
  it('writes count and percentage of the whole', () => {
    const svg = onPage(sharesBars('Gender', shares));
    expect(named(svg, 'rect')).toEqual(['female: 3 faces, 75 %', 'male: 1 face, 25 %']);
    expect(texts(svg)).toEqual(['female', 'male', '3 · 75 %', '1 · 25 %']);
    const [three, one] = [...svg.querySelectorAll('rect')];
    expect(number(three, 'width')).toBeCloseTo(3 * number(one, 'width'), 1);
  });
});

describe('passBar', () => {
  const segments = [
    { name: 'accepted', count: 1, tone: 'good' as const, href: '/d/x/faces?state=accepted' },
    { name: 'disputed', count: 0, tone: 'warn' as const },
    { name: 'waiting', count: 3, tone: 'idle' as const },
  ];
  it('cuts the width by the counts and leaves out empty states', () => {
    const bars = [...onPage(passBar('Progress', segments)).querySelectorAll('rect')];
    expect(bars.map((bar) => [number(bar, 'x'), number(bar, 'width')])).toEqual([
      [0, 100],
      [100, 300],
    ]);
  });
  it('is an empty track when nothing is counted', () => {
    const none = segments.map((one) => ({ ...one, count: 0 }));
    expect(number(onPage(passBar('Progress', none)).querySelector('rect') ?? undefined, 'width')).toBe(WIDTH);
  });
});

describe('paceBars', () => {
  const forecast = { state: 'estimated', pace: 5, days: 2 } as Forecast;
  const day = (iso: string, passes: number) => ({
    day: iso,
    annotate: passes,
    check: 0,
    adjudicate: 0,
    sweep: 0,
    active_hours: 0,
    people: 2,
  });
  const days = [day('2026-05-30', 4), day('2026-05-31', 10)];
  const dashed = (figure: Figure): NodeListOf<Element> =>
    onPage(figure).querySelectorAll('[stroke-dasharray]');
  it('makes bars as high as their passes, and one for each day', () => {
    const svg = onPage(paceBars('Passes', days, forecast, '2026-06-01'));
    const bars = [...svg.querySelectorAll('rect')];
    expect(bars).toHaveLength(56);
    expect(number(bars.at(-2), 'height')).toBeCloseTo(2.5 * number(bars.at(-3), 'height'), 1);
    expect(named(svg, 'rect').at(-2)).toContain('10 passes by 2 people');
  });
  it('draws the pace of the forecast over the days it rests on, and none without a forecast', () => {
    const bar = 348 / 56;
    const [line] = dashed(paceBars('Passes', days, forecast, '2026-06-01'));
    const drawnLine = line?.querySelector('line') ?? undefined;
    expect(number(drawnLine, 'x2') - number(drawnLine, 'x1')).toBeCloseTo(2 * bar, 1);
    const few = { ...forecast, state: 'too_few_days' } as Forecast;
    expect(dashed(paceBars('Passes', days, few, '2026-06-01'))).toHaveLength(0);
  });
});

describe('curvesFigure', () => {
  it('leaves out what is not a number and says the latest values', () => {
    const points = [[1, 3] as const, [2, Number.NaN] as const, [3, 1.5] as const];
    const figure = curvesFigure('Loss', [{ name: 'all', tone: 'accent', points, dots: true }]);
    expect(figure.summary).toBe('Loss, latest: all 1.5.');
    expect(named(onPage(figure), 'circle')).toEqual(['all, step 1: 3', 'all, step 3: 1.5']);
  });
  it('says that nothing is there yet', () => {
    expect(curvesFigure('Loss', []).summary).toBe('Loss, latest: nothing yet.');
    expect(onPage(curvesFigure('Loss', [])).tagName).toBe('svg');
  });
  it('keeps the names of curves that end alike apart', () => {
    const curves = ['one', 'two', 'three'].map((name, index) => ({
      name,
      tone: 'accent' as const,
      points: [[0, 0] as const, [100, 5 + index / 100] as const],
    }));
    const svg = onPage(curvesFigure('Loss', curves));
    const places = [...svg.querySelectorAll('text')]
      .filter((one) => ['one', 'two', 'three'].includes(one.textContent))
      .map((one) => Number(/,([\d.]+)\)/.exec(one.getAttribute('transform') ?? '')?.[1]))
      .toSorted((one, other) => one - other);
    expect(places).toHaveLength(3);
    expect((places[1] ?? 0) - (places[0] ?? 0)).toBeGreaterThanOrEqual(13);
    expect((places[2] ?? 0) - (places[1] ?? 0)).toBeGreaterThanOrEqual(13);
  });
});

describe('versionsFigure', () => {
  const svg = onPage(
    versionsFigure(
      'Edits',
      ['packaged', 'm1', 'm2'],
      [
        {
          name: 'edits',
          tone: 'accent',
          values: [{ value: 20, low: 18, high: 22, n: 90 }, null, { value: 10, n: 1 }],
        },
      ],
    ),
  );
  it('says value, interval and number of faces', () => {
    expect(named(svg, 'circle')).toEqual([
      'packaged: 20 (95 % interval 18 to 22), 90 faces',
      'm2: 10, 1 face',
    ]);
  });
  it('names each version below, measured or not', () => {
    expect(texts(svg)).toEqual(expect.arrayContaining(['packaged', 'm1', 'm2']));
  });
});

describe('forestFigure', () => {
  const row = { name: 'Age', difference: 1, low: -1, high: 2, tone: 'accent' as const, text: '+1.0' };
  it('puts better at the right of no difference, on a scale of the row', () => {
    const svg = onPage(
      forestFigure('Gain', [row, { ...row, name: 'Landmarks', difference: 100, low: -100, high: 200 }]),
    );
    const [first, second] = [...svg.querySelectorAll('circle')];
    expect(number(first, 'cx')).toBe(number(second, 'cx'));
  });
  it('draws nothing for what was not measured, and still says so', () => {
    const none = { ...row, difference: null, low: null, high: null, text: 'not measured' };
    const svg = onPage(forestFigure('Gain', [none]));
    expect(svg.querySelectorAll('circle')).toHaveLength(0);
    expect(texts(svg)).toContain('not measured');
  });
});

describe('intervalsFigure', () => {
  const rows = [
    { name: 'Gender', value: 0.5, low: 0.4, high: 0.6, tone: 'accent' as const, text: '0.50' },
    { name: 'Flags', value: null, low: null, high: null, tone: 'accent' as const, text: '–' },
  ];
  const svg = onPage(
    intervalsFigure('Alpha', rows, {
      domain: [0, 1],
      formatTick: (value) => value.toFixed(1),
      marks: [{ at: 0.8, name: 'reliable' }],
    }),
  );
  it('draws what is measured and names all rows and marks', () => {
    expect(named(svg, 'circle')).toEqual(['Gender: 0.50']);
    expect(texts(svg)).toEqual(expect.arrayContaining(['Gender', 'Flags', 'reliable', '–']));
  });
});

describe('offsetsFigure', () => {
  const estimate = (value: number) => ({ value, low: null, high: null, n: 30 });
  const offset = (is_systematic: boolean) => ({
    region: 'jaw' as const,
    x: estimate(0),
    y: estimate(0.04),
    is_systematic,
    nme_box: estimate(0.05),
  });
  const arrows = (figure: Figure): number =>
    onPage(figure).querySelectorAll('g[fill="none"] > path[d*="M"]').length;
  it('draws an arrow only for what is beyond chance', () => {
    expect(arrows(offsetsFigure([offset(true)]))).toBe(arrows(offsetsFigure([offset(false)])) + 1);
    expect(offsetsFigure([offset(true)]).summary).toContain('jaw: 0.0 % left, 4.0 % low');
  });
});

describe('sparkFigure', () => {
  it('is one line through the known values, and none through a single one', () => {
    expect(onPage(sparkFigure('told', [1, null, 3], false)).querySelectorAll('path')).toHaveLength(1);
    expect(onPage(sparkFigure('told', [null, 3], false)).querySelectorAll('path')).toHaveLength(0);
  });
});

describe('plotFile', () => {
  const file = plotFile('Age & size', histogram('Age', bins, { hrefOf: () => '/d/x/faces' }));
  const parsed = new DOMParser().parseFromString(file, 'image/svg+xml');
  it('is an SVG document with its title and summary inside', () => {
    expect(parsed.querySelector('parsererror')).toBeNull();
    expect(parsed.querySelector('title')?.textContent).toBe('Age & size');
    expect(parsed.querySelector('desc')?.textContent).toBe('Age: 6 faces in 3 bins.');
  });
  it('needs no page: no variable of a theme, no style sheet, no link', () => {
    expect(file).not.toContain('var(--');
    expect(file).not.toContain('<style');
    expect(file).not.toContain('<a ');
    expect(file).not.toContain('currentColor');
  });
  it('draws every bar in the colours of print', () => {
    expect(drawn(histogram('Age', bins), fileLook(WIDTH)).querySelectorAll('rect')).toHaveLength(3);
    expect(file).toContain('#2563d9');
  });
});
