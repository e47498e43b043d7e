/** Editing a dataset's policy: what is wrong with a draft and what it changes, before the server is asked. */

import type { Policy } from '../api/types';

export type PolicyField = keyof Policy;

/** What a face carries beside its box; each flag may remove some of them. */
export const LABELS = ['landmarks', 'age', 'gender', 'ethnicity'] as const;
export const NOT_A_FACE = 'not_a_face';
/** Characters of the name of a class or flag. */
const LONGEST_NAME = 40;
const LARGEST_SIDE = 10_000;

export const POLICY_TITLES: Record<PolicyField, string> = {
  genders: 'Gender classes',
  ethnicities: 'Ethnicity classes',
  cannot_tell: 'Word for "cannot tell"',
  flags: 'Flags',
  required: 'Required labels',
  min_side_px: 'Size rule, px',
  checks: 'Checks per face',
  box_iou_min: 'Least box IoU of a check',
  landmark_nme_max: 'Largest landmark distance of a check',
  lease_minutes: 'Lease, minutes',
  test_share: 'Share of images for testing',
  blind_share: 'Share of blind faces',
  order: 'Order of open faces',
  random_share: 'Random share of the order',
};

/** What `order` may be, as people read it. */
export const ORDERS: Readonly<Record<string, string>> = {
  arrival: 'as they came',
  learning: 'what a model learns most from',
};

export interface PolicyProblem {
  field: PolicyField;
  message: string;
}

/** Each rule a draft breaks, in the order of the form; none: it may be sent. Mirrors the server's rules. */
export function policyProblems(policy: Policy): PolicyProblem[] {
  const found: PolicyProblem[] = [];
  for (const field of ['genders', 'ethnicities'] as const) {
    const classes = policy[field];
    if (classes.length === 0 || classes.some((name) => !name.trim())) {
      found.push({ field, message: 'Give at least one class, none of them empty.' });
    }
    const long = classes.find((name) => name.length > LONGEST_NAME);
    if (long !== undefined)
      found.push({ field, message: `"${long}" has more than ${LONGEST_NAME} characters.` });
    const twice = classes.find((name, index) => classes.indexOf(name) !== index);
    if (twice !== undefined) found.push({ field, message: `"${twice}" is named twice.` });
    if (classes.includes(policy.cannot_tell)) {
      found.push({
        field,
        message: `"${policy.cannot_tell}" is the word for "cannot tell", so it cannot be a class.`,
      });
    }
  }
  if (!policy.cannot_tell.trim())
    found.push({ field: 'cannot_tell', message: 'Give a word, for example "unsure".' });
  if (!(NOT_A_FACE in policy.flags)) {
    found.push({
      field: 'flags',
      message: `"${NOT_A_FACE}" is needed: it is how a false detection is rejected.`,
    });
  }
  if (Object.keys(policy.flags).some((name) => !name.trim())) {
    found.push({ field: 'flags', message: 'Each flag needs a name.' });
  }
  const numbers: [PolicyField, boolean, string][] = [
    [
      'min_side_px',
      policy.min_side_px >= 0 && policy.min_side_px <= LARGEST_SIDE,
      `Give 0 to ${LARGEST_SIDE} pixels.`,
    ],
    [
      'checks',
      Number.isInteger(policy.checks) && policy.checks >= 0 && policy.checks <= 10,
      'Give a whole number from 0 to 10.',
    ],
    ['box_iou_min', policy.box_iou_min >= 0 && policy.box_iou_min <= 1, 'Give a number from 0 to 1.'],
    ['landmark_nme_max', policy.landmark_nme_max > 0, 'Give a number above 0.'],
    [
      'lease_minutes',
      Number.isInteger(policy.lease_minutes) && policy.lease_minutes >= 1 && policy.lease_minutes <= 1440,
      'Give a whole number from 1 to 1440.',
    ],
    ['test_share', policy.test_share >= 0 && policy.test_share <= 0.5, 'Give a share from 0 to 0.5.'],
    ['blind_share', policy.blind_share >= 0 && policy.blind_share <= 1, 'Give a share from 0 to 1.'],
    [
      'random_share',
      policy.random_share >= 0.05 && policy.random_share <= 1,
      'Give a share from 0.05 to 1: a part of the work has to stay random.',
    ],
  ];
  for (const [field, good, message] of numbers) if (!good) found.push({ field, message });
  return found;
}

export interface PolicyChange {
  title: string;
  before: string;
  after: string;
}

const listed = (names: string[]): string => (names.length > 0 ? names.join(', ') : 'nothing');
const same = (one: string[], other: string[]): boolean => one.join('\n') === other.join('\n');

/** What differs between two versions, one row a field (one a flag), in the order of the form. */
export function policyChanges(before: Policy, after: Policy): PolicyChange[] {
  const changes: PolicyChange[] = [];
  for (const field of Object.keys(POLICY_TITLES) as PolicyField[]) {
    if (field === 'flags') {
      changes.push(...flagChanges(before.flags, after.flags));
    } else {
      const [old, now] = [before[field], after[field]];
      const differs = Array.isArray(old) && Array.isArray(now) ? !same(old, now) : old !== now;
      if (differs)
        changes.push({
          title: POLICY_TITLES[field],
          before: valueText(field, old),
          after: valueText(field, now),
        });
    }
  }
  return changes;
}

function valueText(field: PolicyField, value: string | number | string[]): string {
  if (Array.isArray(value)) return listed(value);
  return field === 'order' ? (ORDERS[value] ?? String(value)) : String(value);
}

function flagChanges(before: Record<string, string[]>, after: Record<string, string[]>): PolicyChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old && now && same([...old].sort(), [...now].sort())) return [];
    return [
      {
        title: `Flag "${name}"`,
        before: old ? `removes ${listed(old)}` : 'not there',
        after: now ? `removes ${listed(now)}` : 'taken away',
      },
    ];
  });
}

/** Classes typed into one line, comma between them; spaces around names are dropped, empty ones too. */
export function classesFromText(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}
