import { Problem } from '../api/problem';
import type { Draft } from '../api/types';
import type { WorkApi } from '../api/work';
import type { Journal, JournalDraft } from './journal';
import { Observable } from './observable';
import { realClock, type Clock } from './outbox';

/** Milliseconds from an edit to the journal, and to the server. */
const TO_JOURNAL = 250;
const TO_SERVER = 1500;
const AGAIN = 5000;

/** What a draft is written from. */
export interface DraftSource {
  readonly item: { readonly id: number; readonly lease: { readonly token: string } };
  draftData(): Record<string, unknown>;
}

/** Of the draft on the server and the one in this browser, the one written later (a higher sequence wins). */
export function newerDraft(server: Draft | null, local: JournalDraft | null): Draft | null {
  if (!server || !local) return server ?? local;
  if (server.sequence !== local.sequence) return server.sequence > local.sequence ? server : local;
  return server.updated_at >= local.updated_at ? server : local;
}

/** Autosave of one item's draft: to this browser within a quarter of a second, to the server within two. */
export class DraftKeeper extends Observable {
  #sequence: number;
  #unsent = false;
  #sending: Promise<void> | null = null;
  #failed = false;
  #cancelJournal: (() => void) | null = null;
  #cancelServer: (() => void) | null = null;
  #closed = false;

  constructor(
    private readonly source: DraftSource,
    private readonly user: number,
    private readonly api: Pick<WorkApi, 'putDraft'>,
    private readonly journal: Journal | null,
    firstSequence: number,
    private readonly onRefused: (problem: Problem) => void,
    private readonly clock: Clock = realClock,
  ) {
    super();
    this.#sequence = firstSequence;
  }

  /** Number of the newest draft. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Edits that the server has not stored yet. */
  get isUnsaved(): boolean {
    return this.#unsent || this.#sending !== null;
  }

  get isOffline(): boolean {
    return this.#failed;
  }

  /** The draft changed. */
  note(): void {
    if (this.#closed) return;
    this.#sequence += 1;
    this.#unsent = true;
    this.#cancelJournal ??= this.clock.after(TO_JOURNAL, () => {
      this.#cancelJournal = null;
      void this.#toJournal();
    });
    this.#cancelServer ??= this.clock.after(TO_SERVER, () => {
      this.#cancelServer = null;
      void this.#toServer(false);
    });
    this.changed();
  }

  /** Write what is unwritten now: the page is being hidden or left. */
  async flush(): Promise<void> {
    if (this.#closed || !this.#unsent) return;
    this.#cancelTimers();
    await Promise.all([this.#toJournal(), this.#toServer(true)]);
  }

  /** The item was submitted or given back: nothing more is written. */
  close(): void {
    this.#closed = true;
    this.#unsent = false;
    this.#cancelTimers();
    this.changed();
  }

  #cancelTimers(): void {
    this.#cancelJournal?.();
    this.#cancelServer?.();
    this.#cancelJournal = this.#cancelServer = null;
  }

  async #toJournal(): Promise<void> {
    if (this.#closed) return;
    await this.journal?.putDraft({
      user: this.user,
      item: this.source.item.id,
      sequence: this.#sequence,
      data: this.source.draftData(),
      updated_at: new Date().toISOString(),
    });
  }

  async #toServer(leaving: boolean): Promise<void> {
    if (this.#sending) await this.#sending;
    if (this.#closed || !this.#unsent) return;
    this.#unsent = false;
    this.#sending = this.#put(leaving);
    await this.#sending;
    this.#sending = null;
    this.changed();
  }

  async #put(leaving: boolean): Promise<void> {
    const { id, lease } = this.source.item;
    try {
      const draft = { token: lease.token, sequence: this.#sequence, data: this.source.draftData() };
      await this.api.putDraft(id, draft, leaving);
      this.#failed = false;
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof Problem && !error.isTemporary && error.status < 500 && error.status !== 401) {
        this.onRefused(error);
        return;
      }
      this.#failed = true;
      this.#unsent = true;
      this.#cancelServer ??= this.clock.after(AGAIN, () => {
        this.#cancelServer = null;
        void this.#toServer(false);
      });
    }
  }
}
