import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';

import { Problem, unreachable } from '../api/problem';
import { DraftKeeper, newerDraft } from './draftKeeper';
import { openJournal, type Journal } from './journal';
import { HandClock, ScriptedApi, settled } from './scripted';

let journal: Journal;
let api: ScriptedApi;
let clock: HandClock;
let keeper: DraftKeeper;
let value: number;
let refusals: Problem[];

beforeEach(async () => {
  journal = await openJournal(new IDBFactory());
  api = new ScriptedApi();
  clock = new HandClock();
  value = 0;
  refusals = [];
  const source = { item: { id: 7, lease: { token: 't' } }, draftData: () => ({ value }) };
  keeper = new DraftKeeper(source, 1, api, journal, 4, (problem) => refusals.push(problem), clock);
});

describe('autosave of drafts', () => {
  it('it_is_in_the_browser_at_once_and_on_the_server_within_two_seconds', async () => {
    value = 5;
    keeper.note();
    expect(keeper.isUnsaved).toBe(true);
    await clock.advance(300);
    expect((await journal.draft(1, 7))?.data).toEqual({ value: 5 });
    expect(api.named('putDraft')).toEqual([]);
    await clock.advance(1300);
    expect(api.named('putDraft')).toEqual([[7, { token: 't', sequence: 5, data: { value: 5 } }]]);
    expect(keeper.isUnsaved).toBe(false);
  });

  it('it_sends_many_edits_as_one_draft_with_the_newest_sequence', async () => {
    for (value = 1; value <= 9; value += 1) keeper.note();
    await clock.advance(2000);
    expect(api.named('putDraft')).toHaveLength(1);
    expect(api.named('putDraft')[0]?.[1]).toMatchObject({ sequence: 13 });
  });

  it('it_keeps_trying_while_the_server_is_away', async () => {
    const put = api.putDraft;
    api.putDraft = () => Promise.reject(unreachable());
    keeper.note();
    await clock.advance(2000);
    expect(keeper.isOffline).toBe(true);
    expect(keeper.isUnsaved).toBe(true);
    api.putDraft = put;
    await clock.advance(5000);
    expect(keeper.isUnsaved).toBe(false);
    expect(keeper.isOffline).toBe(false);
  });

  it('it_flushes_when_the_page_is_left', async () => {
    keeper.note();
    await keeper.flush();
    expect(await journal.draft(1, 7)).not.toBeNull();
    expect(api.named('putDraft')).toHaveLength(1);
  });

  it('it_writes_nothing_after_it_was_closed', async () => {
    keeper.note();
    keeper.close();
    keeper.note();
    await clock.advance(10_000);
    await keeper.flush();
    await settled();
    expect(api.named('putDraft')).toEqual([]);
    expect(await journal.draft(1, 7)).toBeNull();
  });

  it('it_says_when_the_lease_is_lost_and_stops', async () => {
    api.putDraft = () => Promise.reject(new Problem(409, 'lease_lost', 'Taken by somebody else.'));
    keeper.note();
    await clock.advance(60_000);
    expect(refusals.map((one) => one.code)).toEqual(['lease_lost']);
  });

  it('it_prefers_the_draft_with_the_higher_sequence', () => {
    const server = { sequence: 4, data: { from: 'server' }, updated_at: '2026-01-02T00:00:00Z' };
    const local = { ...server, user: 1, item: 7, sequence: 5, updated_at: '2026-01-01T00:00:00Z' };
    expect(newerDraft(server, local)).toBe(local);
    expect(newerDraft({ ...server, sequence: 6 }, local)).toMatchObject({ sequence: 6 });
    expect(newerDraft({ ...server, sequence: 5 }, local)).toMatchObject({ data: { from: 'server' } });
    expect(newerDraft(null, null)).toBeNull();
  });
});
