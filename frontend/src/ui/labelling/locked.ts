import { t } from '../../i18n';
import type { FaceSession } from '../../store/faceSession';
import { keyHint } from '../../tools/keyMap';

/** Why labels cannot be changed just now, or null. */
export function lockedReason(session: FaceSession): string | null {
  return session.correcting ? null : t('labelling.correctFirst', { key: keyHint('correct') });
}
