import type { Outbox } from './outbox';
import type { WorkEntry } from './workEntry';

export interface SaveState {
  word: 'Saved' | 'Saving' | 'Offline';
  /** Submissions and drafts that the server does not have yet. */
  waiting: number;
}

export function saveStateOf(outbox: Outbox, held: readonly WorkEntry[]): SaveState {
  const drafts = held.filter((entry) => entry.keeper.isUnsaved);
  const waiting = outbox.waiting.length + drafts.length;
  const offline = outbox.isOffline || drafts.some((entry) => entry.keeper.isOffline);
  return { word: offline ? 'Offline' : waiting > 0 ? 'Saving' : 'Saved', waiting };
}
