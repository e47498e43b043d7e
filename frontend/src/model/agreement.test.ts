import { describe, expect, it } from 'vitest';

import type { Agreement, AgreementRow } from '../api/types';
import {
  agreementColumns,
  coefficientWords,
  figureOf,
  figureText,
  intervalText,
  landmarkIntervals,
  landmarkNumbers,
  nothingBlind,
  regionRows,
  wordIntervals,
  wordNumbers,
  wordRows,
} from './agreement';

const figure = (value: number | null, low: number | null = null, high: number | null = null, n = 4) => ({
  value,
  low,
  high,
  n,
});
const row: AgreementRow = {
  name: 'everybody',
  faces: 4,
  pairs: 6,
  measures: [
    { measure: 'nme_box_eyes', ...figure(0.021, 0.018, 0.024) },
    { measure: 'within_eyes', ...figure(0.9) },
    { measure: 'alpha_gender', ...figure(0.82, 0.7, 0.94) },
    { measure: 'alpha_flag:blurred', ...figure(null, null, null, 0) },
  ],
};

describe('figures of the agreement report', () => {
  it('it_writes_a_value_with_its_interval', () => {
    expect(figureText(figureOf(row, 'nme_box_eyes'), 'percent')).toBe('2.1 %');
    expect(intervalText(figureOf(row, 'nme_box_eyes'), 'percent')).toBe('1.8 % to 2.4 %, n 4');
    expect(figureText(figure(3), 'years')).toBe('3.0');
    expect(intervalText(figure(3), 'years')).toBe('n 4');
  });

  it('it_writes_a_dash_for_what_was_not_measured', () => {
    expect(figureText(figureOf(row, 'box_iou'), 'percent')).toBe('–');
  });

  it('it_lists_every_region_and_the_whole_face', () => {
    const rows = regionRows(row);
    expect(rows.map((one) => one.name)).toEqual(['jaw', 'brows', 'nose', 'eyes', 'lips', 'all']);
    expect(rows[3]?.within.value).toBe(0.9);
  });

  it('it_names_words_and_flags', () => {
    expect(wordRows(row).map((one) => one.label)).toEqual(['gender', 'flag blurred']);
  });

  it('it_says_a_row_of_the_plot_in_words', () => {
    const eyes = landmarkIntervals(row)[3];
    expect(eyes).toMatchObject({ name: 'Eyes', value: 0.021, tone: 'eyes' });
    expect(eyes?.text).toBe('2.1 % (1.8 to 2.4), 90 % within');
    expect(landmarkNumbers(row).rows[3]).toEqual(['eyes', 0.021, 0.018, 0.024, 4, 0.9]);
    expect(wordIntervals(row).map((one) => one.name)).toEqual(['Gender', 'Flag blurred']);
    expect(wordNumbers(row).header).toContain('alpha');
  });

  it('it_reads_a_coefficient_as_is_usual', () => {
    expect(coefficientWords(figure(0.8))).toBe('can be relied on');
    expect(coefficientWords(figure(0.7))).toBe('to be used with care');
    expect(coefficientWords(figure(0.66))).toBe('not to be relied on');
    expect(coefficientWords(figure(null))).toBe('');
  });

  it('it_compares_boxes_only_where_they_were_corrected', () => {
    const measures = (answers: 'blind' | 'seen', pairs: boolean) =>
      agreementColumns(answers, pairs).map((column) => column.measure);
    expect(measures('blind', false)).not.toContain('box_iou');
    expect(measures('seen', true)).toContain('box_iou');
    expect(measures('blind', true)).toContain('age_shift_years');
  });

  it('it_says_what_nobody_was_asked_blind', () => {
    const scopes = { overall: row, pairs: [], groups: [] };
    const agreement: Agreement = {
      faces: 4,
      newest: 1000,
      asked_blind: ['age', 'gender'],
      blind: scopes,
      seen: scopes,
    };
    expect(nothingBlind(agreement)).toContain('for landmarks and ethnicity blind');
    expect(nothingBlind({ ...agreement, asked_blind: ['landmarks', 'gender', 'ethnicity'] })).toBe('');
  });
});
