import type { Item, ItemFace, Policy } from '../api/types';
import type { WorkApi } from '../api/work';
import { chosenDraft } from './draftChoice';
import { DraftKeeper, type KeeperTools, type Standing } from './draftKeeper';
import { FaceSession } from './faceSession';
import type { Picture } from './pictures';
import { SweepSession } from './sweepSession';

export type AnySession = FaceSession | SweepSession;

/** One held item: its session, its autosave, and its picture once decoded. */
export interface WorkEntry {
  readonly session: AnySession;
  readonly keeper: DraftKeeper;
  picture: Picture | null;
  pictureFailure: string | null;
}

export interface EntryTools extends KeeperTools {
  policy: Policy;
  /** The save state of some entry changed. */
  onChange: () => void;
}

/** Throws if the server sent an item that is neither a face nor a sweep. */
function sessionFor(item: Item, policy: Policy): AnySession {
  if (item.face) return new FaceSession(item as Item & { face: ItemFace }, policy);
  if (item.sweep) return new SweepSession(item as Item & { sweep: NonNullable<Item['sweep']> });
  throw new Error(`Work item ${item.id} is neither a face nor a sweep.`);
}

/** Faces show their crop, sweeps the whole photograph. */
export function pictureUrl(item: Item): string {
  return item.face ? item.face.crop.url : item.image.url;
}

/** Take up an item with the newest draft that exists of it, here or on the server. */
export async function holdItem(item: Item, tools: EntryTools): Promise<WorkEntry> {
  const session = sessionFor(item, tools.policy);
  const local = (await tools.journal?.draft(tools.user, item.id)) ?? null;
  const { draft, isLocal, other } = chosenDraft(item.draft, local);
  const steps = isLocal && local ? await tools.journal?.steps(local) : null;
  const restored = draft !== null && session.restore(draft, steps);
  if (isLocal && local?.unfinished) session.interrupted = true;
  const onServer = item.draft?.sequence ?? 0;
  const standing = { sequence: Math.max(onServer, local?.sequence ?? 0), known: onServer };
  const entry = entryFor(session, standing, tools);
  if (other) {
    entry.keeper.waitForChoice();
    session.meetOtherDraft(other);
  } else if (restored && isLocal && standing.sequence > onServer) entry.keeper.note();
  return entry;
}

/** Autosave for a session: every edit from now on is noted. */
export function entryFor(session: AnySession, standing: Standing, tools: EntryTools): WorkEntry {
  const keeper = new DraftKeeper(session, standing, tools, {
    refused: (problem) => {
      if (problem.code === 'lease_lost') session.loseLease();
      else session.refuse({ code: problem.code, message: problem.message });
    },
    met: (other) => {
      session.meetOtherDraft(other);
    },
  });
  let { edits, isDragging, otherDraft } = session;
  session.subscribe(() => {
    if (otherDraft && !session.otherDraft) keeper.resume(otherDraft);
    else if (session.edits !== edits) keeper.note();
    else if (session.isDragging !== isDragging) keeper.noteDrag();
    ({ edits, isDragging, otherDraft } = session);
  });
  keeper.subscribe(tools.onChange);
  return { session, keeper, picture: null, pictureFailure: null };
}

/** Hold an item no longer: nothing more is written for it here. */
export function letGo(entry: WorkEntry): void {
  entry.keeper.close();
  entry.picture?.release();
}

/** Let an item go; untouched it goes back to the others at once. */
export function giveBack(entry: WorkEntry, api: Pick<WorkApi, 'release'>): void {
  const { item, isDirty } = entry.session;
  letGo(entry);
  if (isDirty) return;
  api.release(item.id, item.lease.token).catch(() => {
    // Nobody is left to tell; the lease ends by itself.
  });
}
