import { refusalSentence, type Problem } from '../api/problem';
import type { StaleBase } from '../api/types';
import { t } from '../i18n';
import { FaceSession } from './faceSession';
import type { JournalDraft, Pending } from './journal';
import type { AnySession } from './workEntry';

/** Show a refused save on its item: another version to choose from, or what has to be changed. */
export function meetRefusal(session: AnySession, problem: Problem): void {
  const { theirs } = problem.details as Partial<{ theirs: StaleBase['theirs'] | null }>;
  if (problem.code === 'stale_base' && theirs && session instanceof FaceSession) {
    session.meetTheirs(theirs.author, theirs.revision, theirs.labels);
  } else session.refuse({ code: problem.code, message: refusalSentence(problem) });
}

/**
 * How a refused save ends. 'solvable': by the person, on the item. 'later': not now (the item is not theirs any more,
 * they are paused), so the work stays a draft. 'over': the item is done without it.
 */
export function endOf(problem: Problem): 'solvable' | 'later' | 'over' {
  if (problem.code === 'stale_base' || problem.status === 422) return 'solvable';
  return problem.code === 'lease_lost' || problem.status === 403 || problem.status === 404 ? 'later' : 'over';
}

/** Earlier pages did not write what a submission is about. */
export const nameOf = ({ subject, item }: Pending): string => subject ?? t('safety.item', { id: item });

export const refusedSentence = (pending: Pending, problem: Problem): string =>
  t('safety.wasNotSaved', { subject: nameOf(pending), reason: refusalSentence(problem) });

/** A submission as the draft that would send it again: what sessions write as their draftData. */
export function draftOf({ user, item, sequence, body, created_at }: Pending): JournalDraft {
  const data =
    'labels' in body
      ? { version: 1, labels: body.labels, base_revision: body.base_revision, correcting: true }
      : {
          version: 1,
          sweep: {
            drawn: (body.added ?? []).map(({ box, suggestion }, place) => ({
              key: place + 1,
              box,
              ...(suggestion ? { suggestion } : {}),
            })),
            rejected: body.rejected ?? [],
            dismissed: body.dismissed ?? [],
            verdict: body.verdict ?? null,
            reason: body.reason,
          },
        };
  return { user, item, sequence: sequence + 1, data, updated_at: created_at };
}
