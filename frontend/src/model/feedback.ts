/** What became of a person's own work, in plain words. */

import type { Decision, Feedback } from '../api/types';
import { spaced } from './words';

const DID: Readonly<Record<string, string>> = { annotate: 'labelled', check: 'checked' };

/** "You labelled this face. The adjudicator changed it: gender female → male." */
export function decisionSentence(decision: Pick<Decision, 'kind' | 'changes'>): string {
  const did = DID[decision.kind] ?? 'worked on';
  const changes = decision.changes.map((change) => spaced(change.text));
  const outcome =
    changes.length === 0
      ? 'The adjudicator kept your version.'
      : `The adjudicator decided differently: ${changes.join('; ')}.`;
  return `You ${did} this face. ${outcome}`;
}

/** True if there is anything to tell. */
export const saysSomething = (feedback: Feedback): boolean =>
  feedback.reserved.length + feedback.decisions.length + feedback.questions.length + feedback.advice.length >
  0;
