import { describe, expect, it } from 'vitest';

import type { Estimate, PersonQuality, PersonSkill } from '../api/types';
import {
  biasText,
  confusionTable,
  directionText,
  EXAGGERATED,
  goldText,
  offsetChart,
  percentEstimate,
  sparkPoints,
  standingOf,
  yearsText,
} from './quality';

const estimate = (value: number | null, low: number | null = null, high: number | null = null): Estimate => ({
  value,
  low,
  high,
  n: 9,
});

describe('estimates', () => {
  it('tells years with their sign and interval', () => {
    expect(yearsText(estimate(2.14, 0.44, 3.84))).toBe('+2.1 (+0.4 to +3.8)');
    expect(yearsText(estimate(-0.5, -1.26, 0.26))).toBe('−0.5 (−1.3 to +0.3)');
    expect(yearsText(estimate(3))).toBe('+3.0');
    expect(yearsText(estimate(null))).toBe('–');
  });
  it('tells shares in percent', () => {
    expect(percentEstimate(estimate(0.034, 0.021, 0.047))).toBe('3.4 % (2.1 to 4.7)');
    expect(percentEstimate(estimate(0.034, 0.021, 0.047), false)).toBe('3.4 %');
  });
  it('tells group errors in the unit of their measure', () => {
    expect([biasText('age', 1.26), biasText('landmarks', 0.034), biasText('gender', null)]).toEqual([
      '+1.3',
      '3.4',
      '–',
    ]);
  });
});

describe('how a person stands', () => {
  const person = (changes: Partial<PersonQuality>): PersonQuality =>
    ({
      paused_at: null,
      verdict: 'fine',
      answers: { annotate: 1, check: 0, sweep: 0 },
      ...changes,
    }) as PersonQuality;
  it('puts a pause before the verdict and says who was not tested yet', () => {
    expect(standingOf(person({ paused_at: '2026-11-24T10:00:00Z', verdict: 'warn' }))).toBe('paused');
    expect(standingOf(person({ verdict: 'pause' }))).toBe('pause');
    expect(standingOf(person({}))).toBe('fine');
    expect(standingOf(person({ answers: { annotate: 0, check: 0, sweep: 0 } }))).toBe('unknown');
  });
});

describe('sparkPoints', () => {
  it('puts the largest value at the top and leaves out what is not known', () => {
    expect(sparkPoints([1, null, 3], 20, 10)).toEqual([
      [0, 10],
      [20, 0],
    ]);
  });
  it('draws nothing of nothing and a level line of one value', () => {
    expect(sparkPoints([null], 20, 10)).toEqual([]);
    expect(sparkPoints([5, 5], 20, 10)).toEqual([
      [0, 10],
      [20, 10],
    ]);
  });
});

describe('offsetChart', () => {
  const offset = (
    region: PersonSkill['offsets'][number]['region'],
    x: number,
    y: number,
    isSystematic: boolean,
  ): PersonSkill['offsets'][number] => ({
    region,
    x: estimate(x),
    y: estimate(y),
    is_systematic: isSystematic,
    nme_box: estimate(0.03),
  });
  it('draws an arrow from the chin, exaggerated, for a jaw that lies low', () => {
    const chart = offsetChart([offset('jaw', 0, 0.04, true)], 200);
    const mark = chart.marks.find((one) => one.kind === 'line' && one.tone === 'jaw');
    const [from, tip] = mark?.kind === 'line' ? mark.points : [];
    expect(tip?.[0]).toBeCloseTo(from?.[0] ?? NaN, 1);
    expect((tip?.[1] ?? 0) - (from?.[1] ?? 0)).toBeCloseTo(EXAGGERATED * 0.04 * 160, 0);
    expect(chart.summary).toContain('jaw: 0.0 % left, 4.0 % low');
  });
  it('shows what is within chance as a hollow dot without an arrow', () => {
    const chart = offsetChart([offset('eyes', 0.01, 0, false)], 200);
    expect(chart.marks.filter((one) => one.tone === 'eyes')).toMatchObject([{ kind: 'dot', hollow: true }]);
    expect(chart.summary).toContain('eyes: within chance');
  });
  it('names directions as seen in the picture', () => {
    expect(directionText(0.023, -0.011)).toBe('2.3 % right, 1.1 % high');
  });
});

describe('confusionTable', () => {
  it('counts what was said for what is true', () => {
    expect(
      confusionTable([
        { given: 'male', true: 'female', count: 2 },
        { given: 'female', true: 'female', count: 7 },
      ]),
    ).toEqual({
      words: ['female', 'male'],
      counts: [
        [7, 2],
        [0, 0],
      ],
    });
  });
});

describe('goldText', () => {
  it('says what a gold item asks for', () => {
    expect(goldText({ kind: 'check', faults: ['box', 'jaw'] })).toBe(
      'Check it with a wrong box and a moved jaw',
    );
    expect(goldText({ kind: 'check', faults: ['gender'] })).toBe('Check it with a wrong gender');
    expect(goldText({ kind: 'sweep', faults: [] })).toContain('left out');
  });
});
