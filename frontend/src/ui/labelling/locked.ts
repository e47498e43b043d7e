import type { FaceSession } from '../../store/faceSession';

/** Why labels cannot be changed just now, or null. */
export function lockedReason(session: FaceSession): string | null {
  return session.correcting ? null : 'Press C to correct the labels.';
}
