import { Problem } from '../api/problem';
import type { WorkApi } from '../api/work';
import type { Timers } from './timers';
import { giveBack, letGo, type WorkEntry } from './workEntry';

/** Beats in the time that a lease lasts. */
const BEATS = 5;

/** Keeps the leases of held items alive while the page is open. */
export class Leases {
  constructor(
    private readonly api: Pick<WorkApi, 'heartbeat'>,
    private readonly held: () => readonly WorkEntry[],
    private readonly onLost: (items: ReadonlySet<number>) => void,
    private readonly timers: Timers,
    private readonly minutes: number,
  ) {}

  start(): void {
    this.timers.after((this.minutes * 60_000) / BEATS, () => {
      void this.beat().finally(() => {
        this.start();
      });
    });
  }

  async beat(): Promise<void> {
    const leases = this.held().map(({ session: { item } }) => ({ item: item.id, token: item.lease.token }));
    if (leases.length === 0) return;
    try {
      const { lost } = await this.api.heartbeat(leases);
      if (lost.length > 0) this.onLost(new Set(lost));
    } catch (error) {
      // A missed beat is harmless: a lease lasts several of them, and a submit after its end is still taken.
      if (!(error instanceof Problem)) throw error;
    }
  }
}

/** Entries without those that somebody else has now and that were not touched here; the rest of these are told. */
export function stillHere(entries: readonly WorkEntry[], lost: ReadonlySet<number>): WorkEntry[] {
  return entries.filter((entry, place) => {
    if (!lost.has(entry.session.item.id)) return true;
    if (place === 0 || entry.session.isDirty) {
      entry.session.loseLease();
      return true;
    }
    letGo(entry);
    return false;
  });
}

/** The first `most` items and every one that was worked on; the others go back. */
export function withoutSurplus(
  entries: readonly WorkEntry[],
  most: number,
  api: Pick<WorkApi, 'release'>,
): WorkEntry[] {
  const kept = entries.filter((entry, place) => place < most || entry.session.isDirty);
  for (const entry of entries) if (!kept.includes(entry)) giveBack(entry, api);
  return kept;
}
