/** Orders for many faces: the words before one is given, and what still keeps it from being given. */

import type { BulkAction, BulkPlan, Effort } from '../api/types';
import { countOf, countText } from './words';

export const ACTIONS: readonly { action: BulkAction; label: string; about: string }[] = [
  {
    action: 'reopen',
    label: 'Reopen',
    about:
      'Closed faces are labelled again in a new round. Their labels stay in their history and in releases.',
  },
  {
    action: 'prioritise',
    label: 'Priority',
    about: 'The open work on these faces, and what follows it, is handed out first, last, or as it comes.',
  },
  { action: 'assign', label: 'Assign', about: 'Only this person is handed the open work on these faces.' },
  {
    action: 'release',
    label: 'Release',
    about: 'Work that is assigned to one person is open to everybody again.',
  },
  { action: 'deliver', label: 'Deliver', about: 'The images that these faces are on join a delivery.' },
];

export interface OrderFields {
  reason: string;
  level: string;
  person: string;
  delivery: string;
}

export const NO_FIELDS: OrderFields = { reason: '', level: 'urgent', person: '', delivery: '' };

/** The part of a request that belongs to this action; null while the server could not even count it. */
export function orderBody(action: BulkAction, fields: OrderFields): Record<string, unknown> | null {
  switch (action) {
    case 'reopen':
      return { action, reason: fields.reason.trim() };
    case 'prioritise':
      return { action, level: fields.level };
    case 'assign':
      return fields.person === '' ? null : { action, person: Number(fields.person) };
    case 'deliver':
      return fields.delivery === '' ? null : { action, delivery: Number(fields.delivery) };
    case 'release':
      return { action };
  }
}

/** Why the order cannot be given yet, as a sentence; null: it can. */
export function orderProblem(action: BulkAction, fields: OrderFields, plan: BulkPlan | null): string | null {
  if (action === 'assign' && fields.person === '') return 'Choose the person.';
  if (action === 'deliver' && fields.delivery === '') return 'Choose the delivery.';
  if (plan === null) return 'The faces are being counted.';
  if (plan.touched === 0) return 'Nothing would change.';
  if (action === 'reopen' && fields.reason.trim() === '') return 'Give a reason: it is kept with each face.';
  return null;
}

const DOES: Record<BulkAction, [one: string, many: string]> = {
  reopen: ['would be labelled again', 'would be labelled again'],
  prioritise: ['would get this priority', 'would get this priority'],
  assign: ['would be assigned', 'would be assigned'],
  release: ['would be released', 'would be released'],
  deliver: ['would join the delivery', 'would join the delivery'],
};

export const touchedText = (plan: BulkPlan): string =>
  countOf(plan.touched, plan.of === 'images' ? 'image' : 'face');

export const doesText = (action: BulkAction, plan: BulkPlan): string =>
  DOES[action][plan.touched === 1 ? 0 : 1];

const GIVES: Record<BulkAction, [before: string, after: string]> = {
  reopen: ['Reopen', ''],
  prioritise: ['Give', ' this priority'],
  assign: ['Assign', ''],
  release: ['Release', ''],
  deliver: ['Deliver', ''],
};

/** What the button says: "Give 24 faces this priority". */
export const giveText = (action: BulkAction, plan: BulkPlan | null): string =>
  plan === null || plan.touched === 0
    ? (ACTIONS.find((one) => one.action === action)?.label ?? '')
    : `${GIVES[action][0]} ${touchedText(plan)}${GIVES[action][1]}`;

/** "12 left alone: still in work"; one line for each reason. */
export const leftTexts = (plan: BulkPlan): string[] =>
  plan.left.map((one) => `${countText(one.count)} left alone: ${one.text}`);

const NAMES: Record<string, [one: string, many: string]> = {
  annotate: ['first labelling', 'first labellings'],
  check: ['check', 'checks'],
  adjudicate: ['decision', 'decisions'],
  sweep: ['sweep', 'sweeps'],
};

/** "about 12 hours"; below two hours in minutes, and never exacter than two digits. */
export function hoursText(hours: number): string {
  const minutes = hours * 60;
  if (minutes < 1) return 'less than a minute';
  const rounded = (value: number): string => countText(Number(value.toPrecision(2)));
  if (minutes < 120) return `about ${countOf(Number(minutes.toPrecision(2)), 'minute')}`;
  return `about ${rounded(hours)} hours`;
}

/** What the work behind an order costs, and from what that is known: one sentence. */
export function effortText(effort: Effort): string {
  const kinds = Object.entries(effort.passes);
  if (kinds.length === 0) return 'No work is waiting behind them.';
  const name = (kind: string, n: number): string => (n === 1 ? NAMES[kind]?.[0] : NAMES[kind]?.[1]) ?? kind;
  const passes = kinds.map(([kind, n]) => `${countText(n)} ${name(kind, n)}`).join(', ');
  if (effort.hours === null) {
    const unknown = effort.unknown.map((kind) => NAMES[kind]?.[1] ?? kind).join(' and ');
    return `${passes}. Hours cannot be told yet: nobody has made timed ${unknown} in this dataset.`;
  }
  const medians = kinds.flatMap(([kind]) => {
    const one = effort.seconds[kind];
    return one ? [`${NAMES[kind]?.[0] ?? kind} ${one.median} s, n = ${countText(one.n)}`] : [];
  });
  return `${passes}: ${hoursText(effort.hours)} of work (median ${medians.join('; ')}).`;
}
