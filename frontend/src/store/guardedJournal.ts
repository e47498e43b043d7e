import type { Journal, JournalDraft, Pending } from './journal';
import { Observable } from './observable';
import type { RestoredSteps, StepChange } from './undoTrail';

/** Why this browser cannot keep work: no room is left, or anything else with the browser's own words. */
export interface StorageFailure {
  full: boolean;
  detail: string;
}

function failureOf(error: unknown): StorageFailure {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  return { full: name === 'QuotaExceededError', detail: message || name };
}

/**
 * A journal whose failing (a full disk, say) stops nothing: the server still gets the work. It says so for as long as
 * it lasts, remembers the submissions that it could not keep, and keeps them as soon as a write succeeds again.
 * Without a journal at all (storage is blocked) it fails from the start and for good.
 */
export class GuardedJournal extends Observable implements Journal {
  failure: StorageFailure | null;
  #unkept = new Map<string, Pending>();

  constructor(
    private readonly journal: Journal | null,
    blockedBy: unknown = null,
  ) {
    super();
    this.failure = journal ? null : failureOf(blockedBy);
  }

  draft(user: number, item: number): Promise<JournalDraft | null> {
    return this.#read(null, (journal) => journal.draft(user, item));
  }

  steps(draft: JournalDraft): Promise<RestoredSteps | null> {
    return this.#read(null, (journal) => journal.steps(draft));
  }

  pending(user: number): Promise<Pending[]> {
    return this.#read([], (journal) => journal.pending(user));
  }

  putDraft(draft: JournalDraft, change?: StepChange): Promise<boolean> {
    return this.#write((journal) => journal.putDraft(draft, change));
  }

  async deleteDraft(user: number, item: number): Promise<void> {
    await this.#write((journal) => journal.deleteDraft(user, item));
  }

  async putPending(pending: Pending): Promise<void> {
    this.#unkept.set(pending.submission_id, pending);
    await this.#write(() => Promise.resolve());
  }

  async deletePending(submissionId: string): Promise<void> {
    const unkept = this.#unkept.get(submissionId);
    this.#unkept.delete(submissionId);
    await this.#write(async (journal) => {
      // What was never kept could not replace its draft either.
      if (unkept) await journal.deleteDraft(unkept.user, unkept.item);
      await journal.deletePending(submissionId);
    });
  }

  async #read<T>(otherwise: T, read: (journal: Journal) => Promise<T>): Promise<T> {
    if (!this.journal) return otherwise;
    try {
      return await read(this.journal);
    } catch (error) {
      this.#fail(error);
      return otherwise;
    }
  }

  /** False: nothing was written. */
  async #write(write: (journal: Journal) => Promise<unknown>): Promise<boolean> {
    const { journal } = this;
    if (!journal) return false;
    try {
      await write(journal);
      for (const [id, pending] of this.#unkept) {
        await journal.putPending(pending);
        this.#unkept.delete(id);
      }
      if (this.failure) {
        this.failure = null;
        this.changed();
      }
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    this.failure = failureOf(error);
    this.changed();
  }
}
