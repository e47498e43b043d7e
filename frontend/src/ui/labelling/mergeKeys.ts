import type { MergeRow } from '../../model/merge';
import type { FaceSession } from '../../store/faceSession';
import type { Desk } from './desk.svelte';

/** Parts about which the versions differ; only those can be chosen between. */
export const openRows = (session: FaceSession): MergeRow[] => session.mergeRows.filter((row) => row.differs);

/** Begin or end choosing by parts. */
export function toggleMerge(session: FaceSession, desk: Desk): void {
  desk.mergeRow = desk.mergeRow === null && openRows(session).length > 0 ? 0 : null;
}

/** Keys of a dispute: whole versions, single parts, what is drawn. True if the event was one of them. */
export function disputeKey(event: KeyboardEvent, session: FaceSession, desk: Desk): boolean {
  if (session.versions.length === 0) return false;
  const named = session.versions.find((one) => `Key${one.author}` === event.code);
  if (named && event.altKey) {
    desk.toggleVersion(named.author);
    return true;
  }
  if (event.altKey) return false;
  if (named && event.shiftKey) {
    session.pick(named.author);
    return true;
  }
  return desk.mergeRow !== null && mergeKey(event, desk.mergeRow, session, desk);
}

function mergeKey(event: KeyboardEvent, at: number, session: FaceSession, desk: Desk): boolean {
  const rows = openRows(session);
  const letter = event.key.toUpperCase();
  if (event.key === 'ArrowDown') desk.mergeRow = (at + 1) % rows.length;
  else if (event.key === 'ArrowUp') desk.mergeRow = (at + rows.length - 1) % rows.length;
  else if (event.key === 'Escape') desk.mergeRow = null;
  else {
    const row = rows[at];
    if (!row?.cells.some((cell) => cell.letter === letter)) return false;
    session.pickPart(letter, row.part);
    desk.mergeRow = (at + 1) % rows.length;
  }
  return true;
}
