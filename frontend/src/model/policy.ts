/**
 * The dataset's policy as the page applies it: the same rules, codes and sentences as the server's, so that a
 * conflict is seen before it is sent. The server decides.
 */

import type { Policy, Violation } from '../api/types';
import { boxSize, type Labels } from './labels';

export const LABEL_NAMES = ['landmarks', 'age', 'gender', 'ethnicity'] as const;
export type LabelName = (typeof LABEL_NAMES)[number];

const spoken = (label: LabelName): string => (label === 'landmarks' ? 'landmark points' : label);

/** The labels that these flags take away from a face. */
export function removedBy(policy: Policy, flags: readonly string[]): Set<string> {
  return new Set(flags.flatMap((flag) => policy.flags[flag] ?? []));
}

/** Every rule that these labels break, as a person saving them should read it; none: may be saved. */
export function violations(policy: Policy, labels: Labels): Violation[] {
  const found: Violation[] = labels.flags
    .filter((flag) => !(flag in policy.flags))
    .map((flag) => ({
      code: 'unknown_flag',
      label: 'flags',
      message: `The flag '${flag}' is not part of this policy.`,
    }));
  const removed = removedBy(policy, labels.flags);
  for (const label of LABEL_NAMES) {
    const given = labels[label] !== null;
    const name = spoken(label);
    if (removed.has(label) && given) {
      const flag = labels.flags.find((one) => policy.flags[one]?.includes(label)) ?? '';
      found.push({
        code: `${label}_on_${flag}`,
        label,
        message: `A face flagged '${flag}' carries no ${name}: remove the ${name}, or clear the flag.`,
      });
    } else if (policy.required.includes(label) && !removed.has(label) && !given) {
      found.push({
        code: `${label}_missing`,
        label,
        message: `This face still needs ${name}: give it, or set a flag that says why it is absent.`,
      });
    }
  }
  for (const [label, classes] of [
    ['gender', policy.genders],
    ['ethnicity', policy.ethnicities],
  ] as const) {
    const value = labels[label];
    const allowed = [...classes, policy.cannot_tell];
    if (value !== null && !allowed.includes(value)) {
      found.push({
        code: `${label}_unknown`,
        label,
        message: `'${value}' is not one of this policy's ${label} classes: ${allowed.join(', ')}.`,
      });
    }
  }
  return found;
}

/** Labels that contradict the flags, as opposed to labels that are only absent. */
export function isConflict(violation: Violation): boolean {
  return !violation.code.endsWith('_missing');
}

/** The one-key remedy for every conflict: what the flags take away goes, and so does what the policy does not know. */
export function remedied(policy: Policy, labels: Labels): Labels {
  const removed = removedBy(policy, labels.flags);
  const known = (value: string | null, classes: readonly string[]): string | null =>
    value !== null && [...classes, policy.cannot_tell].includes(value) ? value : null;
  return {
    ...labels,
    landmarks: removed.has('landmarks') ? null : labels.landmarks,
    age: removed.has('age') ? null : labels.age,
    gender: removed.has('gender') ? null : known(labels.gender, policy.genders),
    ethnicity: removed.has('ethnicity') ? null : known(labels.ethnicity, policy.ethnicities),
    flags: labels.flags.filter((flag) => flag in policy.flags),
  };
}

/** True if the size rule offers this face: its smaller side is longer than the policy's minimum. */
export function isLargeEnough(policy: Policy, labels: Labels): boolean {
  return boxSize(labels.box).minSide > policy.min_side_px;
}
