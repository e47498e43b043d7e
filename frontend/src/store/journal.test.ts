import { beforeEach, describe, expect, it } from 'vitest';

import { openJournal, type Journal, type Pending } from './journal';
import { emptyJournal } from './scripted';
import type { Step } from './undoTrail';

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

let journal: Journal;

beforeEach(async () => {
  journal = await emptyJournal();
});

describe('the journal in the browser', () => {
  it('it_keeps_a_draft_across_a_closed_tab', async () => {
    const draft = { user: 1, item: 7, sequence: 2, data: { a: 1 }, updated_at: '2026-01-01T00:00:00Z' };
    await journal.putDraft(draft);
    const reopened = await openJournal();
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

  const step = (place: number): Step => ({ place, data: { n: place } });
  const draft = { user: 1, item: 7, sequence: 1, data: {}, updated_at: '' };

  it('it_adds_and_drops_undo_steps_without_writing_the_others_again', async () => {
    const first = {
      replace: true,
      added: [step(0), step(1)],
      dropped: [],
      order: { past: [0, 1], future: [] },
    };
    await journal.putDraft(draft, first);
    const then = { replace: false, added: [step(2)], dropped: [1], order: { past: [0], future: [2] } };
    await journal.putDraft(draft, then);
    const kept = await journal.draft(1, 7);
    expect(kept && (await journal.steps(kept))).toEqual({ past: [{ n: 0 }], future: [{ n: 2 }] });
  });

  it('it_keeps_no_undo_steps_of_an_earlier_page_beside_new_ones', async () => {
    await journal.putDraft(draft, {
      replace: true,
      added: [step(5)],
      dropped: [],
      order: { past: [5], future: [] },
    });
    await journal.putDraft(draft, {
      replace: true,
      added: [step(0)],
      dropped: [],
      order: { past: [0], future: [] },
    });
    expect(await journal.steps({ ...draft, order: { past: [5], future: [] } })).toBeNull();
  });

  it('it_drops_the_undo_steps_with_the_submission', async () => {
    const change = { replace: true, added: [step(0)], dropped: [], order: { past: [0], future: [] } };
    await journal.putDraft(draft, change);
    await journal.putPending(pending('a', '2026-01-01'));
    expect(await journal.steps({ ...draft, order: change.order })).toBeNull();
  });
});
