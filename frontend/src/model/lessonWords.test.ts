import { afterEach, describe, expect, it } from 'vitest';

import type { Finding } from '../api/types';
import { chooseLanguage } from '../i18n';
import { byUrgency, direction, findingText, summary, tally } from './lessonWords';

function finding(part: Finding['part'], changes: Partial<Finding> = {}): Finding {
  return {
    part,
    verdict: 'off',
    box_iou: null,
    distance: null,
    right: null,
    down: null,
    points: null,
    years: null,
    given: [],
    expected: [],
    ...changes,
  };
}

describe('feedback on a lesson', () => {
  afterEach(() => chooseLanguage('en'));

  it('it_tells_how_far_a_region_lies_and_where_to', () => {
    const jaw = finding('jaw', { distance: 0.064, right: 0.02, down: 0.06, points: 17 });
    expect(findingText(jaw)).toBe(
      '6.4 % of the face’s size away on average, mostly 6.0 % too low. 17 points are beyond the tolerance.',
    );
  });

  it('it_names_both_directions_where_both_matter', () => {
    expect(direction({ distance: 0.06, right: -0.04, down: -0.04 })).toBe(
      '4.0 % too high and 4.0 % too far left',
    );
  });

  it('it_names_no_direction_where_the_points_only_scatter', () => {
    expect(direction({ distance: 0.06, right: 0.01, down: 0.01 })).toBeNull();
  });

  it('it_tells_years_with_their_direction', () => {
    const age = (years: number, verdict: Finding['verdict']): string =>
      findingText(finding('age', { years, verdict, given: [String(30 + years)], expected: ['30'] }));
    expect(age(13, 'off')).toBe('You said 43; people say 30 on average: 13 years too old.');
    expect(age(-7, 'near')).toBe('You said 23; people say 30 on average: 7 years too young.');
    expect(age(2, 'right')).toBe('You said 32; people say 30 on average.');
  });

  it('it_tells_flags_that_are_missing_and_that_do_not_fit', () => {
    expect(findingText(finding('flags', { given: ['blurred'], expected: ['occluded'] }))).toBe(
      'Occluded was to be set. Blurred does not fit here.',
    );
    expect(findingText(finding('flags', { verdict: 'right' }))).toBe('No flag fits, and you set none.');
  });

  it('it_says_the_same_in_chinese', async () => {
    await chooseLanguage('zh-CN');
    expect(findingText(finding('gender', { given: ['male'], expected: ['female'] }))).toMatch(/^您选了/);
  });

  it('it_begins_with_what_is_off', () => {
    const found = [finding('box', { verdict: 'right' }), finding('jaw', { verdict: 'near' }), finding('age')];
    expect(byUrgency(found).map((one) => one.part)).toEqual(['age', 'jaw', 'box']);
    expect(summary(found)).toBe('1 part is off.');
    expect(summary(found.slice(0, 2))).toBe('1 part is close, none is off.');
    expect(summary(found.slice(0, 1))).toBe('All as it should be.');
  });

  it('it_counts_parts_over_faces', () => {
    const first = [finding('jaw'), finding('age', { verdict: 'right' })];
    const second = [finding('jaw', { verdict: 'near' })];
    expect(tally([first, second])).toEqual([
      { part: 'jaw', right: 0, near: 1, off: 1 },
      { part: 'age', right: 1, near: 0, off: 0 },
    ]);
  });
});
