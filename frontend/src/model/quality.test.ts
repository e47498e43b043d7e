import { describe, expect, it } from 'vitest';

import type { Estimate, PersonQuality, PersonSkill } from '../api/types';
import {
  biasText,
  confusionTable,
  directionText,
  goldText,
  offsetArrows,
  offsetNumbers,
  percentEstimate,
  qualityNumbers,
  standingOf,
  yearsText,
} from './quality';
import { TEMPLATE } from './ibug68';

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
  it('saves the table with every bound, in the units of the server', () => {
    const measures = [
      'nme_box',
      'box_iou',
      'age_bias_years',
      'age_mae_years',
      'waved_through',
      'sweep_recall',
    ];
    const given = Object.fromEntries(
      measures.map((name, index) => [name, estimate(index, index - 1, index + 1)]),
    );
    const { header, rows } = qualityNumbers([
      person({ ...given, username: 'ann', name: 'Ann', faces_per_hour: 120.5 } as Partial<PersonQuality>),
    ]);
    const cell = (name: string) => rows[0]?.[header.indexOf(name)];
    expect(rows[0]).toHaveLength(header.length);
    expect([cell('username'), cell('standing'), cell('annotate_answers')]).toEqual(['ann', 'fine', 1]);
    expect([cell('age_bias_years'), cell('age_bias_years_low_95'), cell('age_bias_years_n')]).toEqual([
      2, 1, 9,
    ]);
    expect(cell('faces_per_active_hour')).toBe(120.5);
  });
  it('puts a pause before the verdict and says who was not tested yet', () => {
    expect(standingOf(person({ paused_at: '2026-11-24T10:00:00Z', verdict: 'warn' }))).toBe('paused');
    expect(standingOf(person({ verdict: 'pause' }))).toBe('pause');
    expect(standingOf(person({}))).toBe('fine');
    expect(standingOf(person({ answers: { annotate: 0, check: 0, sweep: 0 } }))).toBe('unknown');
  });
});

describe('offsetArrows', () => {
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
  it('puts the arrow of a jaw that lies low at the chin', () => {
    const [arrow] = offsetArrows([offset('jaw', 0, 0.04, true)]);
    expect([arrow?.x, arrow?.y]).toEqual(TEMPLATE[8]);
    expect(arrow).toMatchObject({ dx: 0, dy: 0.04, isSystematic: true, told: 'jaw: 0.0 % left, 4.0 % low' });
  });
  it('says what is within chance, and leaves out what nobody answered', () => {
    const none = { ...offset('nose', 0, 0, false), x: estimate(null) };
    const found = offsetArrows([offset('eyes', 0.01, 0, false), none]);
    expect(found.map((one) => one.told)).toEqual(['eyes: within chance']);
  });
  it('saves percent of the box side', () => {
    expect(offsetNumbers([offset('jaw', 0.5, 0.25, true)]).rows).toEqual([['jaw', 50, 25, 3, 'yes']]);
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
