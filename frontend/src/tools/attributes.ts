/** Editors of attributes and flags. */

import type { Labels } from '../model/labels';

/** Choosing the chosen class again confirms it: a key pressed without looking never clears. */
export function chooseClass(labels: Labels, attribute: 'gender' | 'ethnicity', value: string): Labels {
  return labels[attribute] === value ? labels : { ...labels, [attribute]: value };
}

/** A click on the chosen class clears it. */
export function toggleClass(labels: Labels, attribute: 'gender' | 'ethnicity', value: string): Labels {
  return { ...labels, [attribute]: labels[attribute] === value ? null : value };
}

export function toggleFlag(labels: Labels, flag: string): Labels {
  const flags = labels.flags.includes(flag)
    ? labels.flags.filter((one) => one !== flag)
    : [...labels.flags, flag].sort();
  return { ...labels, flags };
}

/** Whole years from 0 to 100, or null for none. */
export function setAge(labels: Labels, age: number | null): Labels {
  const whole = age === null ? null : Math.min(100, Math.max(0, Math.round(age)));
  return whole === labels.age ? labels : { ...labels, age: whole };
}

/**
 * One typed digit: the age counts from the first digit on ('3' is 3 years, then '34'), and two digits end the entry.
 * Returns the age, the entry that goes on, and whether it is complete.
 */
export function typeAgeDigit(
  entry: string,
  digit: string,
): { age: number; entry: string; complete: boolean } {
  const text = entry.length >= 2 ? digit : entry + digit;
  return { age: Number(text), entry: text, complete: text.length === 2 };
}
