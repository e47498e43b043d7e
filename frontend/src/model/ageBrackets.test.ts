import { describe, expect, it } from 'vitest';

import { AGE_BRACKETS, bracketName, bracketOf } from './ageBrackets';

describe('the age ruler', () => {
  it('it_covers_every_age_from_0_to_100_once', () => {
    for (let age = 0; age <= 100; age += 1) {
      expect(AGE_BRACKETS.filter(({ from, to }) => from <= age && age <= to)).toEqual([bracketOf(age)]);
    }
  });

  it('it_names_brackets_as_people_say_them', () => {
    expect([0, 2, 3, 9, 34, 70, 100].map((age) => bracketName(bracketOf(age)))).toEqual([
      '0–2',
      '0–2',
      '3–9',
      '3–9',
      '30–39',
      '70+',
      '70+',
    ]);
  });

  it('it_refuses_what_is_no_age', () => {
    expect(() => bracketOf(-1)).toThrow(RangeError);
  });
});
