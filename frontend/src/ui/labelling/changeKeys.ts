import { changedRegion, withRoom } from '../../model/changedPlace';
import type { Change } from '../../model/difference';
import type { FaceSession } from '../../store/faceSession';
import type { Desk } from './desk.svelte';

/** What a checker has to look at. */
export const openChanges = (session: FaceSession): Change[] =>
  (session.changes ?? []).filter((change) => change.changed);

/** Bring one change close; null: the whole face again. */
export function lookAt({ session, desk }: { session: FaceSession; desk: Desk }, change: Change | null): void {
  desk.change = change?.part ?? null;
  const region = change && session.prelabel && changedRegion(change, session.prelabel, session.labels);
  if (region) desk.stage?.show(withRoom(region, session.labels.box));
  else desk.stage?.fit();
}

/** Through the changes, one after the other; after the last one the whole face. False: nothing changed. */
export function stepChange(on: { session: FaceSession; desk: Desk }, step: 1 | -1): boolean {
  const changes = openChanges(on.session);
  if (changes.length === 0) return false;
  const at = changes.findIndex((change) => change.part === on.desk.change);
  const from = at === -1 && step === -1 ? changes.length : at;
  lookAt(on, changes[from + step] ?? null);
  return true;
}
