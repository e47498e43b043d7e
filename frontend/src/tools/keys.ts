/** Keys of what a dataset's policy names: its genders, ethnicities and flags. Commands of the pages are in commands.ts. */

import type { Policy } from '../api/types';
import { t } from '../i18n';
import { spokenName } from '../model/names';
import type { Where } from './commands';
import { isChord, keyMap, type Bindable, type KeyPress } from './keyMap';

export interface ClassKey {
  /** As people's own keys are stored: 'gender.1', 'flag.occluded'. */
  id: string;
  value: string;
  /** The key in force, as tinykeys writes it; '' where there is none. */
  key: string;
}

const GENDER_KEYS = ['w', 'e', 'Shift+w', 'Shift+e'];
const FLAG_KEYS: Readonly<Record<string, string>> = {
  occluded: 'o',
  blurred: 'b',
  profile: 'v',
  not_a_face: 'x',
};
/** Shift with one of these does something already: versions A to E, mirroring, genders. */
const TAKEN_WITH_SHIFT = new Set([...'abcdefkw']);
const WHERE: readonly Where[] = ['annotate', 'check', 'adjudicate', 'batch'];

const bindable = (id: string, key: string): Bindable => ({
  id,
  keys: key === '' ? [] : [key],
  where: WHERE,
  group: 'labels',
});

const inForce = (id: string, value: string, usual: string): ClassKey => ({
  id,
  value,
  key: keyMap().keysOf(bindable(id, usual))[0] ?? '',
});

const usualGenders = (policy: Policy): ClassKey[] => [
  ...policy.genders.map((value, i) => ({ id: `gender.${i + 1}`, value, key: GENDER_KEYS[i] ?? '' })),
  { id: 'gender.cannotTell', value: policy.cannot_tell, key: 'q' },
];

/** The known flags keep their letters; a policy's own get Shift and the first free letter of their name, else any. */
function usualFlags(policy: Policy): ClassKey[] {
  const used = new Set(TAKEN_WITH_SHIFT);
  return Object.keys(policy.flags).map((value) => {
    const id = `flag.${value}`;
    const fixed = FLAG_KEYS[value];
    if (fixed !== undefined) return { id, value, key: fixed };
    const letter = [...value.toLowerCase(), ...'abcdefghijklmnopqrstuvwxyz'].find(
      (one) => /[a-z]/.test(one) && !used.has(one),
    );
    if (letter !== undefined) used.add(letter);
    return { id, value, key: letter === undefined ? '' : `Shift+${letter}` };
  });
}

/** W, E, … for the genders of the policy; Q for "cannot tell"; or what the person made of it. */
export function genderKeys(policy: Policy): ClassKey[] {
  return usualGenders(policy).map((one) => inForce(one.id, one.value, one.key));
}

/** 1 to 9 for the ethnicities of the policy; 0 for "cannot tell". Digits are not given away. */
export function ethnicityKeys(policy: Policy): ClassKey[] {
  return [
    ...policy.ethnicities.map((value, i) => ({
      id: `ethnicity.${i + 1}`,
      value,
      key: i < 9 ? String(i + 1) : '',
    })),
    { id: 'ethnicity.cannotTell', value: policy.cannot_tell, key: '0' },
  ];
}

export function flagKeys(policy: Policy): ClassKey[] {
  return usualFlags(policy).map((one) => inForce(one.id, one.value, one.key));
}

/** The class or flag whose key was pressed. */
export function pressedClass(press: KeyPress, choices: readonly ClassKey[]): ClassKey | undefined {
  return choices.find((one) => isChord(press, one.key));
}

/** A policy's genders and flags among what can have a key of one's own, with the words of the key map. */
export function policyCommands(policy: Policy): (Bindable & { words: () => string })[] {
  return [
    ...usualGenders(policy).map((one) => ({
      ...bindable(one.id, one.key),
      words: () => t('keys.gender', { value: spokenName(one.value) }),
    })),
    ...usualFlags(policy).map((one) => ({
      ...bindable(one.id, one.key),
      words: () => t('keys.flag', { value: spokenName(one.value) }),
    })),
  ];
}

/** How far an arrow key moves a point, in image pixels. */
export function nudgeStep(modifiers: { shift: boolean; alt: boolean }): number {
  return modifiers.shift ? 5 : modifiers.alt ? 0.25 : 1;
}

export { spokenName };
