import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';

import { openJournal, ReportingJournal, type Journal, type Pending } from './journal';

const pending = (id: string, created: string, user = 1): Pending => ({
  submission_id: id,
  user,
  dataset: 1,
  item: 7,
  kind: 'sweep',
  body: { submission_id: id, token: 't', added: [], rejected: [], verdict: null, reason: '' },
  created_at: created,
  sequence: 4,
});

let factory: IDBFactory;
let journal: Journal;

beforeEach(async () => {
  factory = new IDBFactory();
  journal = await openJournal(factory);
});

describe('the journal in the browser', () => {
  it('it_keeps_a_draft_across_a_closed_tab', async () => {
    const draft = { user: 1, item: 7, sequence: 2, data: { a: 1 }, updated_at: '2026-01-01T00:00:00Z' };
    await journal.putDraft(draft);
    const reopened = await openJournal(factory);
    expect(await reopened.draft(1, 7)).toEqual(draft);
    await reopened.deleteDraft(1, 7);
    expect(await reopened.draft(1, 7)).toBeNull();
  });

  it('it_shows_nobody_the_drafts_or_submissions_of_another_person', async () => {
    await journal.putDraft({ user: 1, item: 7, sequence: 2, data: {}, updated_at: '' });
    await journal.putPending(pending('a', '2026-01-01'));
    expect(await journal.draft(2, 7)).toBeNull();
    expect(await journal.pending(2)).toEqual([]);
  });

  it('it_replaces_the_draft_by_the_submission', async () => {
    await journal.putDraft({ user: 1, item: 7, sequence: 2, data: {}, updated_at: '' });
    await journal.putPending(pending('a', '2026-01-01'));
    expect(await journal.draft(1, 7)).toBeNull();
    expect(await journal.pending(1)).toHaveLength(1);
  });

  it('it_returns_submissions_oldest_first_until_they_are_answered', async () => {
    await journal.putPending(pending('late', '2026-01-02'));
    await journal.putPending(pending('early', '2026-01-01'));
    expect((await journal.pending(1)).map((one) => one.submission_id)).toEqual(['early', 'late']);
    await journal.deletePending('early');
    expect((await journal.pending(1)).map((one) => one.submission_id)).toEqual(['late']);
  });

  it('it_reports_a_failing_write_and_goes_on', async () => {
    const errors: unknown[] = [];
    const reporting = new ReportingJournal(journal, (error) => errors.push(error));
    await reporting.putDraft({ user: 1, item: 7, sequence: 1, data: { f: () => 1 }, updated_at: '' });
    expect(errors).toHaveLength(1);
  });
});
