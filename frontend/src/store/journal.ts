/**
 * What must survive a closed tab, in this browser's IndexedDB: the draft of each item being worked on with its undo
 * steps, and each submission the server has not answered yet. Keyed by user, because computers are shared; entries
 * go when synced.
 */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

import type { Draft, FaceSubmit, PassKind, SweepSubmit } from '../api/types';
import { t } from '../i18n';
import { stepsInOrder, type RestoredSteps, type Step, type StepChange, type StepOrder } from './undoTrail';

export interface JournalDraft {
  user: number;
  item: number;
  sequence: number;
  data: Record<string, unknown>;
  updated_at: string;
  /** The page that wrote it; absent in drafts of earlier versions. */
  writer?: string;
  /** The newest sequence that the page knew to be on the server. */
  known?: number;
  /** A drag was under way, which is not part of `data`. */
  unfinished?: boolean;
  /** Written elsewhere and not decided about yet. */
  other?: Draft | null;
  order?: StepOrder;
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
  /** What to call it in a message, as "Face 12"; absent in those of earlier versions. */
  subject?: string;
}

export interface Journal {
  draft(user: number, item: number): Promise<JournalDraft | null>;
  /** What undo and redo go through from the draft; null if there is nothing, or not all of it. */
  steps(draft: JournalDraft): Promise<RestoredSteps | null>;
  /**
   * Stores the draft and the change of its steps in one transaction; without a change the item's steps go. False: it
   * could not be kept.
   */
  putDraft(draft: JournalDraft, change?: StepChange): Promise<boolean>;
  deleteDraft(user: number, item: number): Promise<void>;
  /** Oldest first. */
  pending(user: number): Promise<Pending[]>;
  /** Stores the submission and drops the item's draft in one transaction: never both, never neither. */
  putPending(pending: Pending): Promise<void>;
  deletePending(submissionId: string): Promise<void>;
}

interface StoredStep extends Step {
  user: number;
  item: number;
}

interface Schema extends DBSchema {
  drafts: { key: [number, number]; value: JournalDraft };
  pending: { key: string; value: Pending; indexes: { user: number } };
  steps: { key: [number, number, number]; value: StoredStep };
}

const NAME = 'jfa-journal';
const VERSION = 2;

/** All steps of an item: an empty array comes after every number in the order of keys. */
const stepsOf = (user: number, item: number): IDBKeyRange =>
  IDBKeyRange.bound([user, item], [user, item, []]);

/** A gesture need not reach the platter before the next one; a save that left the screen must. */
const GESTURE = { durability: 'relaxed' } as const;
const SAVE = { durability: 'strict' } as const;

class IndexedJournal implements Journal {
  #database: Promise<IDBPDatabase<Schema>>;

  constructor(
    database: IDBPDatabase<Schema>,
    private readonly reopen: (lost: () => void) => Promise<IDBPDatabase<Schema>>,
  ) {
    this.#database = Promise.resolve(database);
  }

  /** The browser closed the connection (storage was cleared, say): the next call opens another. */
  lost(): void {
    this.#database = this.reopen(() => {
      this.lost();
    });
    this.#database.catch(() => undefined); // told by the call that meets it
  }

  async draft(user: number, item: number): Promise<JournalDraft | null> {
    return (await (await this.#database).get('drafts', [user, item])) ?? null;
  }

  async steps({ user, item, order }: JournalDraft): Promise<RestoredSteps | null> {
    if (!order) return null;
    return stepsInOrder(order, await (await this.#database).getAll('steps', stepsOf(user, item)));
  }

  async putDraft(draft: JournalDraft, change?: StepChange): Promise<true> {
    const { user, item } = draft;
    const transaction = (await this.#database).transaction(['drafts', 'steps'], 'readwrite', GESTURE);
    const steps = transaction.objectStore('steps');
    await Promise.all([
      transaction.objectStore('drafts').put(change ? { ...draft, order: change.order } : draft),
      ...(!change || change.replace ? [steps.delete(stepsOf(user, item))] : []),
      ...(change?.dropped ?? []).map((place) => steps.delete([user, item, place])),
      ...(change?.added ?? []).map((step) => steps.put({ user, item, ...step })),
      transaction.done,
    ]);
    return true;
  }

  async deleteDraft(user: number, item: number): Promise<void> {
    const transaction = (await this.#database).transaction(['drafts', 'steps'], 'readwrite', GESTURE);
    await Promise.all([
      transaction.objectStore('drafts').delete([user, item]),
      transaction.objectStore('steps').delete(stepsOf(user, item)),
      transaction.done,
    ]);
  }

  async pending(user: number): Promise<Pending[]> {
    const all = await (await this.#database).getAllFromIndex('pending', 'user', user);
    return all.sort((a, b) => a.created_at.localeCompare(b.created_at));
  }

  async putPending(pending: Pending): Promise<void> {
    const { user, item } = pending;
    const stores = ['drafts', 'steps', 'pending'] as const;
    const transaction = (await this.#database).transaction(stores, 'readwrite', SAVE);
    await Promise.all([
      transaction.objectStore('pending').put(pending),
      transaction.objectStore('drafts').delete([user, item]),
      transaction.objectStore('steps').delete(stepsOf(user, item)),
      transaction.done,
    ]);
  }

  async deletePending(submissionId: string): Promise<void> {
    const transaction = (await this.#database).transaction('pending', 'readwrite', SAVE);
    await Promise.all([transaction.store.delete(submissionId), transaction.done]);
  }
}

function open(lost: () => void): Promise<IDBPDatabase<Schema>> {
  return new Promise((resolve, reject) => {
    openDB<Schema>(NAME, VERSION, {
      upgrade(database, from) {
        if (from < 1) {
          database.createObjectStore('drafts', { keyPath: ['user', 'item'] });
          database.createObjectStore('pending', { keyPath: 'submission_id' }).createIndex('user', 'user');
        }
        if (from < 2) database.createObjectStore('steps', { keyPath: ['user', 'item', 'place'] });
      },
      blocked() {
        reject(new Error(t('labelling.olderTab')));
      },
      blocking(_current, _blocked, event) {
        // A newer version of the page waits for this one to let go.
        (event.target as IDBDatabase).close();
        lost();
      },
      terminated: lost,
    }).then(resolve, reject);
  });
}

/** Opens (and on the first visit makes) the journal. Rejects where the browser forbids storage. */
export async function openJournal(): Promise<Journal> {
  let lost = (): void => undefined;
  const journal = new IndexedJournal(
    await open(() => {
      lost();
    }),
    open,
  );
  lost = () => {
    journal.lost();
  };
  return journal;
}
