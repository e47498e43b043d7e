/**
 * The dataset's policy as the page applies it: the same rules, codes and sentences as the server's, so that a
 * conflict is seen before it is sent. The server decides.
 */

import type { Policy, Violation } from '../api/types';
import { language, t, type PlainKey } from '../i18n';
import { boxSize, type Labels } from './labels';
import { spokenName } from './names';

export const LABEL_NAMES = ['landmarks', 'age', 'gender', 'ethnicity'] as const;
export type LabelName = (typeof LABEL_NAMES)[number];

const LABELS = {
  landmarks: 'words.labelLandmarks',
  age: 'words.labelAge',
  gender: 'words.labelGender',
  ethnicity: 'words.labelEthnicity',
} as const satisfies Record<LabelName, PlainKey>;

/** As it stands inside a sentence. */
export const labelName = (label: LabelName): string => t(LABELS[label]);

/** Labels by their stored name, for a list inside a sentence; others stay as they are. */
export const namedLabels = (names: readonly string[]): string =>
  names.map((name) => (isLabelName(name) ? labelName(name) : name)).join(t('common.listSeparator'));

const isLabelName = (name: string): name is LabelName => (LABEL_NAMES as readonly string[]).includes(name);

/** English names a flag as the policy writes it. */
const flagName = (flag: string): string => (language() === 'en' ? flag : spokenName(flag));

/** A rule that labels break, in the reader's language; of a code that the page does not know, the server's own words. */
export function violationSentence({ code, label, message }: Violation): string {
  if (code === 'placement_missing') return t('words.placementMissing');
  if (!isLabelName(label)) return message;
  const name = labelName(label);
  if (code === `${label}_missing`) return t('words.missing', { label: name });
  const on = `${label}_on_`;
  return code.startsWith(on)
    ? t('words.takenAway', { flag: flagName(code.slice(on.length)), label: name })
    : message;
}

const said = (violation: Omit<Violation, 'message'>): Violation => ({
  ...violation,
  message: violationSentence({ ...violation, message: '' }),
});

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
      message: t('words.flagUnknown', { flag: flagName(flag) }),
    }));
  const removed = removedBy(policy, labels.flags);
  for (const label of LABEL_NAMES) {
    const given = labels[label] !== null;
    if (removed.has(label) && given) {
      const flag = labels.flags.find((one) => policy.flags[one]?.includes(label)) ?? '';
      found.push(said({ code: `${label}_on_${flag}`, label }));
    } else if (policy.required.includes(label) && !removed.has(label) && !given) {
      found.push(said({ code: `${label}_missing`, label }));
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
        message: t('words.classUnknown', {
          value,
          label: labelName(label),
          allowed: allowed.map(flagName).join(', '),
        }),
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
