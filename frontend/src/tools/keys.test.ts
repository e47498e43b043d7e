import { describe, expect, it } from 'vitest';

import { policy, wireLabels } from '../model/examples';
import { fromWire } from '../model/labels';
import { chooseClass, toggleClass, typeAgeDigit } from './attributes';
import { ethnicityKeys, flagKeys, genderKeys, nudgeStep, spokenName } from './keys';

describe('keys', () => {
  it('it_follows_the_policy_for_classes', () => {
    expect(genderKeys(policy)).toEqual([
      { value: 'female', key: 'w' },
      { value: 'male', key: 'e' },
      { value: 'unsure', key: 'q' },
    ]);
    expect(ethnicityKeys(policy).map((one) => one.key)).toEqual(['1', '2', '3', '0']);
  });

  it('it_keeps_the_letters_of_known_flags_and_finds_free_ones_for_others', () => {
    const keys = flagKeys({ ...policy, flags: { ...policy.flags, mask: [], statue: [], odd: [] } });
    expect(keys.map((one) => one.key)).toEqual(['o', 'b', 'p', 'x', 'f', 'i', 'v']);
    expect(new Set(keys.map((one) => one.key)).size).toBe(keys.length);
    expect(flagKeys({ ...policy, flags: { jewels: [] } })[0]?.key).not.toBe('j');
  });

  it('it_confirms_with_a_key_and_clears_with_a_click', () => {
    const labels = fromWire(wireLabels());
    expect(chooseClass(labels, 'gender', 'female')).toBe(labels);
    expect(toggleClass(labels, 'gender', 'female').gender).toBeNull();
  });

  it('it_types_an_age_of_two_digits', () => {
    expect(typeAgeDigit('', '3')).toEqual({ age: 3, entry: '3', complete: false });
    expect(typeAgeDigit('3', '4')).toEqual({ age: 34, entry: '34', complete: true });
    expect(typeAgeDigit('0', '7')).toEqual({ age: 7, entry: '07', complete: true });
  });

  it('it_nudges_by_three_steps', () => {
    expect(nudgeStep({ shift: false, alt: false })).toBe(1);
    expect(nudgeStep({ shift: true, alt: false })).toBe(5);
    expect(nudgeStep({ shift: false, alt: true })).toBe(0.25);
  });

  it('it_speaks_names', () => {
    expect(spokenName('not_a_face')).toBe('Not a face');
  });
});
