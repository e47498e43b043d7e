import { beforeEach, describe, expect, it } from 'vitest';

import { GuardedJournal } from './guardedJournal';
import type { Journal, Pending } from './journal';
import { emptyJournal } from './scripted';

const pending: Pending = {
  submission_id: 'a',
  user: 1,
  dataset: 1,
  item: 7,
  kind: 'sweep',
  body: { submission_id: 'a', token: 't', added: [], rejected: [], verdict: null, reason: '' },
  created_at: '2026-01-01',
  sequence: 4,
};
const draft = { user: 1, item: 7, sequence: 1, data: {}, updated_at: '' };

let journal: Journal;
let full: boolean;
let guarded: GuardedJournal;

beforeEach(async () => {
  journal = await emptyJournal();
  full = false;
  const refusing = new Proxy(journal, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) =>
        full && name !== 'deletePending'
          ? Promise.reject(new DOMException('No room.', 'QuotaExceededError'))
          : method.apply(target, given);
    },
  });
  guarded = new GuardedJournal(refusing);
});

describe('a journal that may fail', () => {
  it('it_says_that_the_disk_is_full_for_as_long_as_it_is', async () => {
    expect(await guarded.putDraft(draft)).toBe(true);
    full = true;
    expect(await guarded.putDraft(draft)).toBe(false);
    expect(guarded.failure).toEqual({ full: true, detail: 'No room.' });
    expect(await guarded.draft(1, 7)).toBeNull();
    full = false;
    expect(await guarded.putDraft(draft)).toBe(true);
    expect(guarded.failure).toBeNull();
  });

  it('it_keeps_a_submission_as_soon_as_there_is_room', async () => {
    full = true;
    await guarded.putPending(pending);
    expect(await journal.pending(1)).toEqual([]);
    full = false;
    await guarded.putDraft({ ...draft, item: 8 });
    expect(await journal.pending(1)).toEqual([pending]);
  });

  it('it_forgets_a_submission_that_was_answered_before_it_could_be_kept', async () => {
    await guarded.putDraft(draft);
    full = true;
    await guarded.putPending(pending);
    full = false;
    await guarded.deletePending('a');
    expect(await journal.pending(1)).toEqual([]);
    expect(await journal.draft(1, 7)).toBeNull();
  });

  it('it_keeps_nothing_where_storage_is_blocked_and_says_so', async () => {
    const blocked = new GuardedJournal(null, new DOMException('Denied.', 'SecurityError'));
    expect(blocked.failure).toEqual({ full: false, detail: 'Denied.' });
    expect(await blocked.putDraft(draft)).toBe(false);
    expect(await blocked.pending(1)).toEqual([]);
  });
});
