import type { TakenBack } from '../api/types';
import { FaceSession } from './faceSession';
import { holdItem, type EntryTools, type WorkEntry } from './workEntry';

/** What was submitted last on this page, and whether the person wants it back once it has arrived. */
export class LastFace {
  item: number | null = null;
  /** Its submission is still on its way: it is fetched back as soon as the server has it. */
  wanted = false;

  submitted(item: number): void {
    this.item = item;
    this.wanted = false;
  }

  /** The server has this submission; true if it is to be fetched back now. */
  arrived(item: number): boolean {
    const now = this.wanted && item === this.item;
    if (now) this.wanted = false;
    return now;
  }
}

/** Hold a face that was taken back: as it was before, with what the person had sent as a draft to go on from. */
export async function holdTakenBack(taken: TakenBack, tools: EntryTools): Promise<WorkEntry> {
  const entry = await holdItem(taken.item, tools);
  const { session, keeper } = entry;
  if (!(session instanceof FaceSession)) return entry;
  const data = {
    version: 1,
    labels: taken.labels,
    base_revision: session.baseRevision,
    correcting: true,
  };
  session.takenBack = true;
  if (session.restore({ sequence: keeper.sequence, data, updated_at: new Date().toISOString() }))
    keeper.note();
  return entry;
}
