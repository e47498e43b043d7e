import { afterAll, describe, expect, it } from 'vitest';

import { chooseLanguage } from '../i18n';
import { policy } from './examples';
import { guideSections, sectionsFound } from './guide';
import { SKETCH, sketchOf, type SketchName } from './guideSketch';

const section = (id: string, changes = {}) =>
  guideSections({ ...policy, ...changes }).find((one) => one.id === id);

describe('guide', () => {
  afterAll(() => chooseLanguage('en'));

  it('it_says_what_each_flag_of_the_policy_takes_away', () => {
    const captions = section('flags')?.figures.map((figure) => figure.caption);
    expect(captions?.[0]).toContain('Occluded. ');
    expect(captions?.[0]).toContain('Only the box stays.');
    expect(captions?.[2]).toContain('Takes away: landmarks.');
  });

  it('it_names_flags_that_it_has_no_drawing_of', () => {
    const flags = { ...policy.flags, painted_face: ['age'] };
    expect(section('flags', { flags })?.paragraphs).toContain('Painted face: Takes away: age.');
  });

  it('it_gives_the_numbers_of_the_policy', () => {
    expect(section('box')?.paragraphs[1]).toContain('70 %');
    expect(section('points')?.paragraphs[1]).toContain('5 %');
    expect(section('size', { min_side_px: 24 })?.paragraphs[0]).toContain('24 px');
    expect(section('checks', { checks: 1 })?.paragraphs[0]).toBe('1 other person checks each face.');
    expect(section('checks', { checks: 0 })?.paragraphs).toHaveLength(1);
  });

  it('it_finds_sections_by_all_words_of_a_search', () => {
    const found = (query: string) => sectionsFound(guideSections(policy), query).map((one) => one.id);
    expect(found('hand hollow')).toEqual(['hidden']);
    expect(found('CHIN neck')).toContain('box');
    expect(found('giraffe')).toEqual([]);
    expect(found(' ')).toHaveLength(guideSections(policy).length);
  });

  it('it_speaks_chinese', async () => {
    await chooseLanguage('zh-CN');
    expect(section('flags')?.figures[2]?.caption).toContain('排除：关键点。');
    await chooseLanguage('en');
  });
});

describe('drawings of the guide', () => {
  const NAMES: readonly SketchName[] = [
    ...(['boxRight', 'boxLoose', 'boxTight', 'pointsRight', 'pointsLow', 'hiddenRight'] as const),
    ...(['hiddenWrong', 'turnedRight', 'turnedWrong', 'occluded', 'blurred', 'profile', 'size'] as const),
  ];

  it('it_stays_inside_the_picture', () => {
    for (const name of NAMES) {
      for (const { x, y } of sketchOf(name).points) {
        expect([name, x >= 0 && x <= SKETCH.width, y >= 0 && y <= SKETCH.height]).toEqual([name, true, true]);
      }
    }
  });

  it('it_has_the_right_box_inside_the_loose_one_and_around_the_tight_one', () => {
    const [right, loose, tight] = (['boxRight', 'boxLoose', 'boxTight'] as const).map(
      (name) => sketchOf(name).box,
    );
    for (const side of [0, 1]) {
      expect(loose?.[side]).toBeLessThan(right?.[side] ?? 0);
      expect(tight?.[side]).toBeGreaterThan(right?.[side] ?? 0);
    }
  });

  it('it_marks_what_is_wrong_and_nothing_else', () => {
    const states = (name: SketchName) => new Set(sketchOf(name).points.map((point) => point.state));
    expect(states('pointsRight')).toEqual(new Set(['placed']));
    expect(states('hiddenRight')).toEqual(new Set(['placed', 'hidden']));
    for (const name of ['pointsLow', 'hiddenWrong', 'turnedWrong'] as const) {
      expect([name, states(name).has('misplaced')]).toEqual([name, true]);
    }
  });

  it('it_puts_the_far_jaw_of_a_turned_face_on_its_outline', () => {
    const { points, box } = sketchOf('turnedRight');
    const reach = Math.max(...points.slice(9, 17).map((point) => point.x));
    expect(reach).toBeLessThanOrEqual(box[2] + 0.1);
    expect(box[2] - reach).toBeLessThan(4);
  });

  it('it_has_no_points_where_a_flag_takes_them_away', () => {
    for (const name of ['occluded', 'blurred', 'profile', 'notAFace'] as const)
      expect(sketchOf(name).points).toEqual([]);
  });
});
