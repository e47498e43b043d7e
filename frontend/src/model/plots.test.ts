import { describe, expect, it } from 'vitest';

import type { Chart, DotMark, LineMark, Mark, TextMark } from './charts';
import { axisTicks, curvePlot, forestPlot, shortNumber, spread, thinned, versionPlot } from './plots';

const of = <Kind extends Mark['kind']>(chart: Chart, kind: Kind): Extract<Mark, { kind: Kind }>[] =>
  chart.marks.filter((mark): mark is Extract<Mark, { kind: Kind }> => mark.kind === kind);
const data = (chart: Chart): LineMark[] => of(chart, 'line').filter((line) => line.tone !== 'axis');
const texts = (chart: Chart): string[] => of(chart, 'text').map((mark: TextMark) => mark.text);

describe('axisTicks', () => {
  it('begins at zero where the values begin near it', () => {
    expect(axisTicks(0.1, 0.9)).toEqual([0, 0.5, 1]);
  });
  it('begins near the values where they are far from zero', () => {
    expect(axisTicks(90, 96)).toEqual([90, 92, 94, 96]);
  });
  it('reaches below zero', () => {
    expect(axisTicks(-2, 3)).toEqual([-2, 0, 2, 4]);
  });
  it('is usable without values', () => {
    expect(axisTicks(Infinity, -Infinity)).toEqual([0, 1]);
    expect(axisTicks(0, 0)).toEqual([0, 1]);
  });
});

describe('spread', () => {
  it('leaves places that are far enough apart', () => {
    expect(spread([10, 40, 90], 13, 100)).toEqual([10, 40, 90]);
  });
  it('pushes close places apart and not below the floor', () => {
    expect(spread([10, 12, 50], 13, 100)).toEqual([10, 23, 50]);
    expect(spread([95, 97, 99], 13, 100)).toEqual([74, 87, 100]);
  });
});

describe('thinned', () => {
  it('keeps few points as they are', () => {
    expect(thinned([[1, 2]], 4)).toEqual([[1, 2]]);
  });
  it('takes the mean of each stretch of many', () => {
    const points = [1, 2, 3, 4].map((x): [number, number] => [x, 10 * x]);
    expect(thinned(points, 2)).toEqual([
      [1.5, 15],
      [3.5, 35],
    ]);
  });
});

describe('curvePlot', () => {
  const size = { width: 400, height: 134 };
  it('places the ends of a curve at the ends of the axes', () => {
    const curve = { name: 'all', tone: 'accent' as const, points: [[0, 4] as const, [100, 0] as const] };
    const [line] = data(curvePlot('Loss', [curve], size));
    // left 48; floor 110, top 10; right 400 less the room for the name of 3 letters.
    expect(line?.points[0]).toEqual([48, 10]);
    expect(line?.points[1]?.[1]).toBe(110);
  });
  it('leaves out what is not a number and says the latest values', () => {
    const points = [[1, 3] as const, [2, Number.NaN] as const, [3, 1.5] as const];
    const chart = curvePlot('Loss', [{ name: 'all', tone: 'accent', points }], size);
    expect(data(chart)[0]?.points).toHaveLength(2);
    expect(chart.summary).toBe('Loss, latest: all 1.5.');
  });
  it('says that nothing is there yet', () => {
    expect(curvePlot('Loss', [], size).summary).toBe('Loss, latest: nothing yet.');
  });
});

describe('versionPlot', () => {
  const chart = versionPlot(
    'Edits',
    ['packaged', 'm1', 'm2'],
    [
      {
        name: 'edits',
        tone: 'accent',
        values: [{ value: 20, low: 18, high: 22, n: 90 }, null, { value: 10, n: 1 }],
      },
    ],
    { width: 400, height: 134 },
  );
  it('draws a whisker where there is an interval', () => {
    const whiskers = data(chart).filter((line) => line.thin);
    expect(whiskers).toHaveLength(1);
    const [low, high] = whiskers[0]?.points ?? [];
    expect((low?.[1] ?? 0) > (high?.[1] ?? 0)).toBe(true);
  });
  it('says value, interval and number of faces', () => {
    expect(of(chart, 'dot').map((dot: DotMark) => dot.label)).toEqual([
      'packaged: 20 (95 % interval 18 to 22), 90 faces',
      'm2: 10, 1 face',
    ]);
  });
  it('names each version below', () => {
    expect(texts(chart)).toEqual(expect.arrayContaining(['packaged', 'm1', 'm2']));
  });
});

describe('forestPlot', () => {
  const row = { name: 'Age', difference: 1, low: -1, high: 2, tone: 'accent' as const, text: '+1.0' };
  it('puts no difference in the middle and better at the right', () => {
    const chart = forestPlot('Gain', [row], 600);
    const centre = data(chart)[0]?.points[0]?.[0] ?? 0;
    const [dot] = of(chart, 'dot');
    const whisker = data(chart)[1]?.points ?? [];
    expect((dot?.x ?? 0) > centre).toBe(true);
    expect((whisker[0]?.[0] ?? 0) < centre).toBe(true);
    expect((whisker[1]?.[0] ?? 0) - centre).toBeCloseTo(2 * ((dot?.x ?? 0) - centre), 1);
  });
  it('draws nothing for what was not measured, and still says so', () => {
    const none = { ...row, difference: null, low: null, high: null, text: 'not measured' };
    const chart = forestPlot('Gain', [none], 600);
    expect(of(chart, 'dot')).toHaveLength(0);
    expect(texts(chart)).toContain('not measured');
  });
});

describe('shortNumber', () => {
  it('keeps three digits without an exponent', () => {
    expect([0, 0.01234, 1.5, 12.34, 789.6, 12345].map(shortNumber)).toEqual([
      '0',
      '0.0123',
      '1.5',
      '12.3',
      '790',
      '12345',
    ]);
  });
});
