import type { Draft } from '../api/types';
import type { JournalDraft } from './journal';

/** The draft to go on with, and another one that a person has to decide about. */
export interface ChosenDraft {
  draft: Draft | JournalDraft | null;
  /** It is the one in this browser, with its undo steps. */
  isLocal: boolean;
  other: Draft | null;
}

const asDraft = (local: JournalDraft): Draft => ({ ...local, writer: local.writer ?? null });

/**
 * Of the draft on the server and the one in this browser. Written by the same page, or one knowing of the other, the
 * newer one wins. Written apart (two computers, a tab without a connection), neither may overwrite the other: the one
 * written last is shown and the other offered.
 */
export function chosenDraft(server: Draft | null, local: JournalDraft | null): ChosenDraft {
  if (!server) return { draft: local, isLocal: local !== null, other: local?.other ?? null };
  const fromServer = { draft: server, isLocal: false, other: null };
  if (!local) return fromServer;
  const fromHere = { draft: local, isLocal: true, other: local.other ?? null };
  const { known } = local;
  if (known === undefined || !local.writer || !server.writer || local.writer === server.writer) {
    return local.sequence >= server.sequence ? fromHere : fromServer;
  }
  if (server.sequence <= known) return fromHere;
  if (local.sequence <= known) return fromServer;
  return local.updated_at > server.updated_at
    ? { ...fromHere, other: server }
    : { ...fromServer, other: asDraft(local) };
}
