import type { Item } from '../api/types';
import { t } from '../i18n';
import { FaceSession } from './faceSession';
import type { Pending } from './journal';
import type { WorkEntry } from './workEntry';

/** What is sent for an item, with a submission id of its own; a reason disputes a face or sends it back. */
export function pendingOf(
  { session, keeper }: WorkEntry,
  user: number,
  dataset: number,
  reason?: string,
): Pending {
  const body = session instanceof FaceSession ? session.submission(reason) : session.submission();
  return {
    submission_id: body.submission_id,
    user,
    dataset,
    item: session.item.id,
    kind: session.item.kind,
    body,
    created_at: new Date().toISOString(),
    sequence: keeper.sequence,
    subject: subjectOf(session.item),
  };
}

/** What to call an item in a message that is read when it is no longer on the screen. */
export function subjectOf({ face, image }: Item): string {
  return face ? t('safety.face', { id: face.id }) : t('safety.photograph', { id: image.id });
}
