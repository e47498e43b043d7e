/** This browser's storage: opened once a page, and kept from being cleared where the browser agrees. */

import { GuardedJournal } from './guardedJournal';
import { openJournal } from './journal';

const ASKED = 'jfa-persist-asked';

/** The journal, also where the browser forbids storage: then it keeps nothing and says so. */
export function guardedJournal(): Promise<GuardedJournal> {
  return openJournal().then(
    (journal) => new GuardedJournal(journal),
    (error: unknown) => new GuardedJournal(null, error),
  );
}

/** Ask once that what is unsent is not cleared when the disk runs low; some browsers ask the person. */
export async function askToPersist(): Promise<void> {
  // In the types it is always there; on plain http it is not.
  const { storage } = navigator as Partial<Navigator>;
  try {
    if (!storage || localStorage.getItem(ASKED) !== null || (await storage.persisted())) return;
    localStorage.setItem(ASKED, new Date().toISOString());
    await storage.persist();
  } catch {
    // Blocked storage: the journal says so where it matters.
  }
}
