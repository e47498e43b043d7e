import { Problem } from '../api/problem';
import type { Draft } from '../api/types';
import type { WorkApi } from '../api/work';
import type { Journal } from './journal';
import { Observable } from './observable';
import { realClock, type Clock } from './outbox';
import { UndoTrail, type StepSource } from './undoTrail';

/** Milliseconds from an edit to the server; the journal has it at once. */
const TO_SERVER = 1500;
const AGAIN = 5000;

/** What a draft is written from. */
export interface DraftSource {
  readonly item: { readonly id: number; readonly lease: { readonly token: string } };
  readonly isDragging: boolean;
  readonly otherDraft: Draft | null;
  draftData(): Record<string, unknown>;
  undoSteps(): StepSource;
}

export interface KeeperTools {
  user: number;
  /** This page: drafts of others do not count as its own. */
  writer: string;
  api: Pick<WorkApi, 'putDraft'>;
  journal: Journal | null;
  clock?: Clock;
}

/** Where an item's drafts stand when it is taken up. */
export interface Standing {
  /** Of the newest draft anywhere. */
  sequence: number;
  /** Of the newest draft on the server that this page knows of. */
  known: number;
}

export interface KeeperEvents {
  /** The server does not take drafts of this item from this person any more, or not this one. */
  refused: (problem: Problem) => void;
  /** Another page or computer of the same person wrote a draft that this page did not know of. */
  met: (other: Draft) => void;
}

/**
 * Autosave of one item's draft: each edit goes to this browser at once, with its undo steps, and to the server within
 * two seconds. A draft that another page wrote meanwhile is never overwritten: nothing more is sent until `resume`.
 */
export class DraftKeeper extends Observable {
  #sequence: number;
  #known: number;
  readonly #trail = new UndoTrail();
  readonly #clock: Clock;
  #unwritten = false;
  #writing: Promise<void> | null = null;
  #unsent = false;
  #sending: Promise<void> | null = null;
  #failed = false;
  #waitsForChoice = false;
  #cancelServer: (() => void) | null = null;
  #closed = false;

  constructor(
    private readonly source: DraftSource,
    standing: Standing,
    private readonly tools: KeeperTools,
    private readonly events: KeeperEvents,
  ) {
    super();
    this.#sequence = standing.sequence;
    this.#known = standing.known;
    this.#clock = tools.clock ?? realClock;
  }

  /** Number of the newest draft. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Of the newest draft that the server is known to have. */
  get known(): number {
    return this.#known;
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
    void this.#toJournal();
    this.#sendLater(TO_SERVER);
    this.changed();
  }

  /** A drag begins or ends without an edit: the journal remembers that it is under way. */
  noteDrag(): void {
    if (!this.#closed) void this.#toJournal();
  }

  /** Write what is unwritten now: the page is being hidden or left. */
  async flush(): Promise<void> {
    if (this.#closed) return;
    const writing = this.#writing;
    if (!this.#unsent) {
      await writing;
      return;
    }
    this.#cancelTimer();
    await Promise.all([writing, this.#toServer(true)]);
  }

  /** Try at once: the connection came back. */
  retryNow(): void {
    if (!this.#failed || this.#closed) return;
    this.#cancelTimer();
    void this.#toServer(false);
  }

  /** Nothing is sent until the person has chosen between this draft and another one. */
  waitForChoice(): void {
    this.#waitsForChoice = true;
    this.#cancelTimer();
    this.changed();
  }

  /** The person chose, knowing the other draft: from now on this one is the newer. */
  resume(other: Draft): void {
    this.#waitsForChoice = false;
    this.#known = Math.max(this.#known, other.sequence);
    this.#sequence = Math.max(this.#sequence, other.sequence);
    this.note();
  }

  /** The item was submitted or given back: nothing more is written. */
  close(): void {
    this.#closed = true;
    this.#unsent = false;
    this.#cancelTimer();
    this.changed();
  }

  #cancelTimer(): void {
    this.#cancelServer?.();
    this.#cancelServer = null;
  }

  #sendLater(milliseconds: number): void {
    if (this.#waitsForChoice) return;
    this.#cancelServer ??= this.#clock.after(milliseconds, () => {
      this.#cancelServer = null;
      void this.#toServer(false);
    });
  }

  /** One write at a time; what changes meanwhile is written right after it. */
  #toJournal(): Promise<void> {
    this.#unwritten = true;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { journal, user, writer } = this.tools;
    while (journal && this.#unwritten && !this.#closed) {
      this.#unwritten = false;
      const { change, written } = this.#trail.change(this.source.undoSteps());
      const kept = await journal.putDraft(
        {
          user,
          item: this.source.item.id,
          sequence: this.#sequence,
          data: this.source.draftData(),
          updated_at: new Date().toISOString(),
          writer,
          known: this.#known,
          unfinished: this.source.isDragging,
          other: this.source.otherDraft,
        },
        change,
      );
      if (kept) written();
    }
  }

  async #toServer(leaving: boolean): Promise<void> {
    if (this.#sending) await this.#sending;
    if (this.#closed || !this.#unsent || this.#waitsForChoice) return;
    this.#unsent = false;
    this.#sending = this.#put(leaving);
    await this.#sending;
    this.#sending = null;
    this.changed();
  }

  async #put(leaving: boolean): Promise<void> {
    const { id, lease } = this.source.item;
    const sequence = this.#sequence;
    try {
      const { writer } = this.tools;
      const data = this.source.draftData();
      const sent = { token: lease.token, sequence, data, writer, known: this.#known };
      const stored = await this.tools.api.putDraft(id, sent, leaving);
      this.#failed = false;
      this.#known = Math.max(this.#known, stored.sequence);
      if (!leaving && !this.#closed) void this.#toJournal();
    } catch (error) {
      if (!this.#closed) this.#notPut(error);
    }
  }

  #notPut(error: unknown): void {
    if (error instanceof Problem && error.code === 'other_draft') {
      this.#failed = false;
      this.#unsent = true;
      this.waitForChoice();
      this.events.met(error.details.draft as Draft);
    } else if (error instanceof Problem && !error.isTemporary && error.status < 500 && error.status !== 401) {
      this.events.refused(error);
    } else {
      this.#failed = true;
      this.#unsent = true;
      this.#sendLater(AGAIN);
    }
  }
}
