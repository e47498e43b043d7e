import type { SweepSession } from '../../store/sweepSession';
import type { Desk } from './desk.svelte';
import { arrowDelta, undoKey, zoomKey } from './faceKeys';

export interface SweepActions {
  session: SweepSession;
  desk: Desk;
  save: () => void;
}

/** One key press on the sweep page; true if it meant something. */
export function sweepKey(event: KeyboardEvent, { session, desk, save }: SweepActions): boolean {
  if (undoKey(event, session)) return true;
  if (event.ctrlKey || event.metaKey) return false;
  const delta = arrowDelta(event, 0);
  if (delta) {
    if (session.selection?.kind !== 'drawn') return false;
    session.nudge(delta, event.repeat);
    return true;
  }
  if (event.altKey) return false;
  switch (event.key) {
    case 'Enter':
      if (!event.repeat) save();
      return true;
    case 'Escape':
      if (session.drag) session.cancelDrag();
      else if (desk.form) desk.close();
      else session.select(null);
      desk.stage?.focus();
      return true;
    case 'x':
    case 'X':
    case 'Delete':
    case 'Backspace':
      if (event.shiftKey) return false;
      session.rejectSelected();
      return true;
    case 's':
    case 'S':
      desk.toggle('skip');
      return true;
    case '?':
      desk.toggle('keys');
      return true;
    default:
      return zoomKey(event, desk);
  }
}
