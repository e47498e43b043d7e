import { describe, expect, it } from 'vitest';

import { policy, wireLabels } from '../model/examples';
import { fromWire } from '../model/labels';
import { chooseClass, toggleClass, typeAgeDigit } from './attributes';
import { COMMANDS } from './commands';
import { KeyMap, useKeys } from './keyMap';
import { ethnicityKeys, flagKeys, genderKeys, nudgeStep, policyCommands, spokenName } from './keys';

describe('keys', () => {
  it('it_follows_the_policy_for_classes', () => {
    expect(genderKeys(policy)).toEqual([
      { id: 'gender.1', value: 'female', key: 'w' },
      { id: 'gender.2', value: 'male', key: 'e' },
      { id: 'gender.cannotTell', value: 'unsure', key: 'q' },
    ]);
    expect(ethnicityKeys(policy).map((one) => one.key)).toEqual(['1', '2', '3', '0']);
  });

  it('it_keeps_the_letters_of_known_flags_and_finds_free_ones_for_others', () => {
    const keys = flagKeys({ ...policy, flags: { ...policy.flags, mask: [], statue: [], odd: [] } });
    expect(keys.map((one) => one.key)).toEqual(['o', 'b', 'v', 'x', 'Shift+m', 'Shift+s', 'Shift+o']);
    expect(new Set(keys.map((one) => one.key)).size).toBe(keys.length);
  });

  it('it_puts_a_persons_own_keys_first', () => {
    useKeys({ 'flag.occluded': 'Shift+o' });
    expect(flagKeys(policy)[0]).toMatchObject({ value: 'occluded', key: 'Shift+o' });
    useKeys({});
  });

  it('it_lets_no_class_and_no_command_share_a_usual_key', () => {
    const all = [...COMMANDS, ...policyCommands({ ...policy, flags: { ...policy.flags, mask: [] } })];
    const map = new KeyMap();
    for (const one of all)
      for (const key of one.keys) expect([one.id, map.takenBy(key, one, all)]).toEqual([one.id, []]);
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
