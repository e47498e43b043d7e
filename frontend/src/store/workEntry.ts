import type { Problem } from '../api/problem';
import type { Item, ItemFace, Policy, SweepFace } from '../api/types';
import type { WorkApi } from '../api/work';
import { DraftKeeper, newerDraft } from './draftKeeper';
import { FaceSession } from './faceSession';
import type { Journal } from './journal';
import type { Clock } from './outbox';
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

export interface EntryTools {
  api: Pick<WorkApi, 'putDraft'>;
  journal: Journal | null;
  user: number;
  policy: Policy;
  clock: Clock;
  /** The save state of some entry changed. */
  onChange: () => void;
}

/** Throws if the server sent an item that is neither a face nor a sweep. */
function sessionFor(item: Item, policy: Policy): AnySession {
  if (item.face) return new FaceSession(item as Item & { face: ItemFace }, policy);
  if (item.sweep) return new SweepSession(item as Item & { sweep: { faces: SweepFace[] } });
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
  const draft = newerDraft(item.draft, local);
  const restored = draft !== null && session.restore(draft);
  const entry = entryFor(session, Math.max(item.draft?.sequence ?? 0, local?.sequence ?? 0), tools);
  if (restored && draft !== item.draft) entry.keeper.note();
  return entry;
}

/** Autosave for a session: every edit from now on is noted. */
export function entryFor(session: AnySession, sequence: number, tools: EntryTools): WorkEntry {
  const refused = (problem: Problem): void => {
    if (problem.code === 'lease_lost') session.loseLease();
    else session.refuse({ code: problem.code, message: problem.message });
  };
  const keeper = new DraftKeeper(
    session,
    tools.user,
    tools.api,
    tools.journal,
    sequence,
    refused,
    tools.clock,
  );
  let { edits } = session;
  session.subscribe(() => {
    if (session.edits === edits) return;
    edits = session.edits;
    keeper.note();
  });
  keeper.subscribe(tools.onChange);
  return { session, keeper, picture: null, pictureFailure: null };
}
