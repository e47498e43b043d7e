import { Problem } from '../api/problem';
import type { WorkApi } from '../api/work';
import type { Timers } from './timers';
import type { WorkEntry } from './workEntry';

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
