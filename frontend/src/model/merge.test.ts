import { describe, expect, it } from 'vitest';

import { imagePx } from './coords';
import { wireLabels } from './examples';
import { REGIONS } from './ibug68';
import { fromWire, HIDDEN, type Labels } from './labels';
import { mergeRows, regionDistance, samePart, takePart } from './merge';

/** Box of 100 × 100 px; every point `dx` pixels to the right. */
function version(dx: number, changes: Parameters<typeof wireLabels>[0] = {}): Labels {
  const labels = fromWire(wireLabels(changes));
  return {
    ...labels,
    landmarks: labels.landmarks && {
      ...labels.landmarks,
      points: labels.landmarks.points.map((p) => p && imagePx(p.x + dx, p.y)),
    },
  };
}
const a = version(0);
const b = version(4, { box: [100, 100, 220, 200], gender: 'male', flags: ['blurred'] });
const both = [
  { author: 'A', labels: a },
  { author: 'B', labels: b },
];
const eyes = REGIONS.find((region) => region.name === 'eyes')?.points ?? [];

describe('takePart', () => {
  it('it_takes_the_points_of_one_region_and_leaves_the_others', () => {
    const merged = takePart(a, b, 'eyes');
    for (let index = 0; index < 68; index += 1) {
      const from = eyes.includes(index) ? b : a;
      expect(merged.landmarks?.points[index]).toEqual(from.landmarks?.points[index]);
    }
    expect(merged.box).toEqual(a.box);
    expect(merged.gender).toBe('female');
  });

  it('it_takes_the_states_with_the_points', () => {
    const hidden = version(0);
    const states = hidden.landmarks?.states.map((state, index) => (index === 36 ? HIDDEN : state)) ?? [];
    const from = { ...hidden, landmarks: hidden.landmarks && { ...hidden.landmarks, states } };
    expect(takePart(a, from, 'eyes').landmarks?.states[36]).toBe(HIDDEN);
    expect(takePart(a, from, 'jaw').landmarks?.states[36]).not.toBe(HIDDEN);
  });

  it('it_takes_all_points_where_there_were_none_and_none_where_the_other_has_none', () => {
    const bare = version(0, { landmarks: null, visibility: null });
    expect(takePart(bare, b, 'nose').landmarks).toEqual(b.landmarks);
    expect(takePart(a, bare, 'nose').landmarks).toBeNull();
  });

  it('it_takes_box_words_and_flags_by_themselves', () => {
    expect(takePart(a, b, 'box')).toEqual({ ...a, box: b.box });
    expect(takePart(a, b, 'gender')).toEqual({ ...a, gender: 'male' });
    expect(takePart(a, b, 'flags')).toEqual({ ...a, flags: ['blurred'] });
    expect(takePart(a, b, 'ethnicity')).toEqual(a);
  });

  it('it_never_touches_the_age', () => {
    const own = { ...a, age: 41 };
    for (const part of ['box', 'jaw', 'gender', 'ethnicity', 'flags'] as const)
      expect(takePart(own, { ...b, age: 7 }, part).age).toBe(41);
  });
});

describe('regionDistance', () => {
  it('it_is_the_mean_shift_over_the_box_side', () => {
    expect(regionDistance(a, version(4), 'jaw')).toBeCloseTo(0.04, 6);
  });

  it('it_is_infinite_where_a_point_was_removed_by_one', () => {
    const points = a.landmarks?.points.map((point, index) => (index === 40 ? null : point)) ?? [];
    const gone = { ...a, landmarks: a.landmarks && { ...a.landmarks, points } };
    expect(regionDistance(a, gone, 'eyes')).toBe(Infinity);
    expect(regionDistance(a, gone, 'jaw')).toBe(0);
  });
});

describe('mergeRows', () => {
  const row = (part: string, present: Labels = a) =>
    mergeRows(both, present).find((one) => one.part === part);

  it('it_lists_every_part_with_what_each_version_says', () => {
    expect(row('gender')).toEqual({
      part: 'gender',
      title: 'Gender',
      differs: true,
      spread: '',
      cells: [
        { letter: 'A', text: 'female', isTaken: true },
        { letter: 'B', text: 'male', isTaken: false },
      ],
    });
    expect(row('ethnicity')?.differs).toBe(false);
    expect(row('flags')?.cells.map((cell) => cell.text)).toEqual(['none', 'blurred']);
    expect(row('box')).toMatchObject({ spread: 'overlap 83.3\u00a0%' });
    expect(row('box')?.cells.map((cell) => cell.text)).toEqual(['100 × 100', '120 × 100']);
  });

  it('it_says_how_far_points_are_apart_and_from_the_present_ones', () => {
    expect(row('lips')?.spread).toBe('up to 3.8\u00a0%'); // 4 px over √((100² + 120 · 100) / 2)
    expect(row('lips')?.cells.map((cell) => cell.text)).toEqual(['as now', '3.8\u00a0%']);
  });

  it('it_follows_what_was_taken', () => {
    const merged = takePart(a, b, 'eyes');
    expect(row('eyes', merged)?.cells.map((cell) => cell.isTaken)).toEqual([false, true]);
    expect(row('jaw', merged)?.cells.map((cell) => cell.isTaken)).toEqual([true, false]);
    expect(samePart(merged, b, 'eyes')).toBe(true);
  });
});
