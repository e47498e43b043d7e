import { describe, expect, it } from 'vitest';
import {
  histogramChart,
  lineChart,
  niceTicks,
  segmentWidths,
  shareChart,
  stackChart,
  type RectMark,
} from './charts';

const rects = (chart: { marks: { kind: string }[] }): RectMark[] =>
  chart.marks.filter((mark): mark is RectMark => mark.kind === 'rect');

describe('niceTicks', () => {
  it('steps by 1, 2 or 5 times a power of ten', () => {
    expect(niceTicks(7)).toEqual([0, 2, 4, 6, 8]);
    expect(niceTicks(0.05, 3)).toEqual([0, 0.02, 0.04, 0.06]);
    expect(niceTicks(400)).toEqual([0, 100, 200, 300, 400]);
  });
  it('gives a usable axis when there is nothing to show', () => {
    expect(niceTicks(0)).toEqual([0, 1]);
    expect(niceTicks(Number.NaN)).toEqual([0, 1]);
  });
});

describe('histogramChart', () => {
  const bins = [
    { from: 0, to: 10, count: 2 },
    { from: 10, to: 20, count: 4 },
    { from: 20, to: 30, count: 0 },
  ];
  const chart = histogramChart('Apparent age', bins, { width: 300, height: 134 }, { unit: 'years' });

  it('makes bar heights proportional to the counts', () => {
    const [low, high, none] = rects(chart);
    expect(high?.height).toBe(100);
    expect(low?.height).toBe(50);
    expect(none?.height).toBe(0);
    expect(low?.y).toBe(66);
  });
  it('says range, unit and count of each bar in words', () => {
    expect(rects(chart).map((bar) => bar.label)).toEqual([
      '0 to 10 years: 2 faces',
      '10 to 20 years: 4 faces',
      '20 to 30 years: 0 faces',
    ]);
  });
  it('links only bars with faces behind them', () => {
    const linked = histogramChart(
      'Age',
      bins,
      { width: 300, height: 134 },
      { hrefOf: (bin) => `?from=${bin.from}` },
    );
    expect(rects(linked).map((bar) => bar.href)).toEqual(['?from=0', '?from=10', undefined]);
  });
  it('draws nothing but the axis without bins', () => {
    const empty = histogramChart('Age', [], { width: 300, height: 134 });
    expect(empty.marks).toHaveLength(1);
  });
});

describe('shareChart', () => {
  it('writes count and percentage of the whole', () => {
    const chart = shareChart(
      'Gender',
      [
        { value: 'female', count: 3 },
        { value: 'male', count: 1 },
      ],
      400,
    );
    expect(rects(chart)[0]?.label).toBe('female: 3 faces, 75 %');
    expect(rects(chart)[1]?.width).toBeCloseTo((rects(chart)[0]?.width ?? 0) / 3, 1);
  });
});

describe('segmentWidths', () => {
  it('fills the width in proportion', () => {
    expect(segmentWidths([1, 3], 400, 2)).toEqual([100, 300]);
  });
  it('keeps a rare state visible without growing beyond the bar', () => {
    const widths = segmentWidths([1, 9999, 0], 100, 2);
    expect(widths).toEqual([2, 98, 0]);
  });
  it('is all zero when nothing is counted', () => {
    expect(segmentWidths([0, 0], 100, 2)).toEqual([0, 0]);
  });
});

describe('stackChart', () => {
  it('leaves out empty states and says the total', () => {
    const chart = stackChart(
      'Progress',
      [
        { name: 'accepted', count: 1, tone: 'good' },
        { name: 'disputed', count: 0, tone: 'warn' },
        { name: 'waiting', count: 3, tone: 'idle' },
      ],
      { width: 400, height: 12 },
    );
    expect(rects(chart).map((bar) => [bar.x, bar.width])).toEqual([
      [0, 100],
      [100, 300],
    ]);
    expect(rects(chart)[0]?.label).toBe('accepted: 1 of 4');
  });
});

describe('lineChart', () => {
  it('leaves points without a value out of the line', () => {
    const chart = lineChart(
      'Edits',
      [
        { name: 'packaged', value: 0.04, n: 10 },
        { name: 'tfn 1', value: null, n: 0 },
        { name: 'tfn 2', value: 0.02, n: 5 },
      ],
      { width: 400, height: 160 },
    );
    const line = chart.marks.find((mark) => mark.kind === 'line' && mark.tone === 'accent');
    expect(line?.kind === 'line' && line.points).toHaveLength(2);
    expect(chart.marks.filter((mark) => mark.kind === 'dot')).toHaveLength(2);
  });
});

describe('lineChart without any distance', () => {
  it('marks only zero on its axis', () => {
    const chart = lineChart('Edits', [{ name: 'packaged', value: 0, n: 3 }], { width: 400, height: 160 });
    const texts = chart.marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));
    expect(texts).toEqual(['0', 'packaged']);
  });
});
