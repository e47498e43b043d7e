/**
 * What must survive a closed tab, in this browser's IndexedDB: the draft of each item being worked on, and each
 * submission the server has not answered yet. Keyed by user, because computers are shared; entries go when synced.
 */

import type { FaceSubmit, PassKind, SweepSubmit } from '../api/types';

export interface JournalDraft {
  user: number;
  item: number;
  sequence: number;
  data: Record<string, unknown>;
  updated_at: string;
}

export interface Pending {
  submission_id: string;
  user: number;
  dataset: number;
  item: number;
  kind: PassKind;
  body: FaceSubmit | SweepSubmit;
  created_at: string;
  /** Of the draft that it was made from. */
  sequence: number;
}

export interface Journal {
  draft(user: number, item: number): Promise<JournalDraft | null>;
  putDraft(draft: JournalDraft): Promise<void>;
  deleteDraft(user: number, item: number): Promise<void>;
  /** Oldest first. */
  pending(user: number): Promise<Pending[]>;
  /** Stores the submission and drops the item's draft in one transaction: never both, never neither. */
  putPending(pending: Pending): Promise<void>;
  deletePending(submissionId: string): Promise<void>;
}

const NAME = 'jfa-journal';
const DRAFTS = 'drafts';
const PENDING = 'pending';

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('The browser could not use its local storage.'));
    };
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = transaction.onerror = () => {
      reject(transaction.error ?? new Error('The browser could not write to its local storage.'));
    };
  });
}

class IndexedJournal implements Journal {
  constructor(private readonly database: IDBDatabase) {}

  async #write(stores: string[], change: (transaction: IDBTransaction) => void): Promise<void> {
    const transaction = this.database.transaction(stores, 'readwrite', { durability: 'strict' });
    change(transaction);
    await finished(transaction);
  }

  async draft(user: number, item: number): Promise<JournalDraft | null> {
    const store = this.database.transaction(DRAFTS).objectStore(DRAFTS);
    return ((await answer(store.get([user, item]))) as JournalDraft | undefined) ?? null;
  }

  putDraft(draft: JournalDraft): Promise<void> {
    return this.#write([DRAFTS], (transaction) => transaction.objectStore(DRAFTS).put(draft));
  }

  deleteDraft(user: number, item: number): Promise<void> {
    return this.#write([DRAFTS], (transaction) => transaction.objectStore(DRAFTS).delete([user, item]));
  }

  async pending(user: number): Promise<Pending[]> {
    const index = this.database.transaction(PENDING).objectStore(PENDING).index('user');
    const all = (await answer(index.getAll(user))) as Pending[];
    return all.sort((a, b) => a.created_at.localeCompare(b.created_at));
  }

  putPending(pending: Pending): Promise<void> {
    return this.#write([DRAFTS, PENDING], (transaction) => {
      transaction.objectStore(PENDING).put(pending);
      transaction.objectStore(DRAFTS).delete([pending.user, pending.item]);
    });
  }

  deletePending(submissionId: string): Promise<void> {
    return this.#write([PENDING], (transaction) => transaction.objectStore(PENDING).delete(submissionId));
  }
}

/** Opens (and on the first visit makes) the journal. Rejects where the browser forbids storage. */
export async function openJournal(factory: IDBFactory = indexedDB): Promise<Journal> {
  const request = factory.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(DRAFTS, { keyPath: ['user', 'item'] });
    request.result.createObjectStore(PENDING, { keyPath: 'submission_id' }).createIndex('user', 'user');
  };
  return new IndexedJournal(await answer(request));
}

/** A journal whose failing writes (a full disk, say) are reported and do not stop the work: the server still has it. */
export class ReportingJournal implements Journal {
  constructor(
    private readonly journal: Journal,
    private readonly report: (error: unknown) => void,
  ) {}

  draft(user: number, item: number): Promise<JournalDraft | null> {
    return this.journal.draft(user, item);
  }

  pending(user: number): Promise<Pending[]> {
    return this.journal.pending(user);
  }

  putDraft(draft: JournalDraft): Promise<void> {
    return this.journal.putDraft(draft).catch(this.report);
  }

  deleteDraft(user: number, item: number): Promise<void> {
    return this.journal.deleteDraft(user, item).catch(this.report);
  }

  putPending(pending: Pending): Promise<void> {
    return this.journal.putPending(pending).catch(this.report);
  }

  deletePending(submissionId: string): Promise<void> {
    return this.journal.deletePending(submissionId).catch(this.report);
  }
}
