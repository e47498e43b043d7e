/** Editing a dataset's policy: what is wrong with a draft and what it changes, before the server is asked. */

import type { Policy } from '../api/types';
import {
  NUMBERS,
  POLICY_TITLES,
  REGIONS,
  WATCHED,
  isIn,
  rangeText,
  wordsFor,
  type PolicyField,
} from './policyFields';

export const NOT_A_FACE = 'not_a_face';
/** Characters of the name of a class or flag. */
const LONGEST_NAME = 40;

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
  for (const one of NUMBERS)
    if (!isIn(one, policy[one.field])) found.push({ field: one.field, message: rangeText(one) });
  for (const { name } of REGIONS) {
    const limit = policy.region_nme_max[name];
    if (limit !== undefined && !(limit > 0))
      found.push({ field: 'region_nme_max', message: `${name}: give a number above 0, or leave it empty.` });
  }
  for (const { name } of WATCHED) {
    const share = policy.watch_acceptable[name];
    if (share !== undefined && !(share > 0 && share < 1))
      found.push({
        field: 'watch_acceptable',
        message: `${name.replaceAll('_', ' ')}: give a share between 0 and 1, or leave it empty.`,
      });
  }
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
      const [was, is] = [valueText(field, old), valueText(field, now)];
      if (was !== is) changes.push({ title: POLICY_TITLES[field], before: was, after: is });
    }
  }
  return changes;
}

function valueText(field: PolicyField, value: Policy[PolicyField]): string {
  if (Array.isArray(value)) return listed(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'object') {
    const named = Object.entries(value).map(
      ([name, limit]) => `${name.replaceAll('_', ' ')} ${String(limit)}`,
    );
    return named.length > 0 ? named.sort().join(', ') : 'none';
  }
  return wordsFor(field, value);
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
