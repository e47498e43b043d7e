/** What became of a person's own work, in plain words. */

import type { Decision, Feedback } from '../api/types';
import { t, type PlainKey } from '../i18n';
import { spaced } from './words';

const DID: Readonly<Record<string, PlainKey>> = { annotate: 'home.youLabelled', check: 'home.youChecked' };

/** "You labelled this face. The adjudicator changed it: gender female → male." */
export function decisionSentence(decision: Pick<Decision, 'kind' | 'changes'>): string {
  const did = t(DID[decision.kind] ?? 'home.youWorkedOn');
  const changes = decision.changes.map((change) => spaced(change.text));
  const outcome =
    changes.length === 0 ? t('home.kept') : t('home.differently', { changes: changes.join('; ') });
  return `${did} ${outcome}`;
}

/** True if there is anything to tell. */
export const saysSomething = (feedback: Feedback): boolean =>
  feedback.reserved.length + feedback.decisions.length + feedback.questions.length + feedback.advice.length >
  0;
