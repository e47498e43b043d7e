import { beforeEach, describe, expect, it } from 'vitest';

import { Problem, unreachable } from '../api/problem';
import type { Draft } from '../api/types';
import { DraftKeeper } from './draftKeeper';
import type { Journal } from './journal';
import { emptyJournal, HandClock, ScriptedApi, settled } from './scripted';

let journal: Journal;
let api: ScriptedApi;
let clock: HandClock;
let keeper: DraftKeeper;
let states: object[];
let dragging: boolean;
let refusals: Problem[];
let met: Draft[];

const source = {
  item: { id: 7, lease: { token: 't' } },
  get isDragging() {
    return dragging;
  },
  otherDraft: null,
  draftData: () => ({ value: (states.at(-1) as { value: number }).value }),
  undoSteps: () => ({ past: states.slice(0, -1), future: [], data: (state: object) => ({ ...state }) }),
};

function edit(value: number): void {
  states = [...states, { value }];
  keeper.note();
}

beforeEach(async () => {
  journal = await emptyJournal();
  api = new ScriptedApi();
  clock = new HandClock();
  states = [{ value: 0 }];
  dragging = false;
  refusals = [];
  met = [];
  keeper = new DraftKeeper(
    source,
    { sequence: 4, known: 4 },
    { user: 1, writer: 'here', api, journal, clock },
    { refused: (problem) => refusals.push(problem), met: (other) => met.push(other) },
  );
});

const sent = (): unknown[] => api.named('putDraft').map(([, draft]) => draft);

describe('autosave of drafts', () => {
  it('it_is_in_the_browser_at_once_and_on_the_server_within_two_seconds', async () => {
    edit(5);
    expect(keeper.isUnsaved).toBe(true);
    await settled();
    expect(await journal.draft(1, 7)).toMatchObject({ data: { value: 5 }, sequence: 5, known: 4 });
    expect(sent()).toEqual([]);
    await clock.advance(2000);
    expect(sent()).toEqual([{ token: 't', sequence: 5, data: { value: 5 }, writer: 'here', known: 4 }]);
    expect(keeper.isUnsaved).toBe(false);
    expect(await journal.draft(1, 7)).toMatchObject({ known: 5 });
  });

  it('it_never_waits_longer_than_two_seconds_however_busy_the_hand', async () => {
    for (let value = 1; value <= 40; value += 1) {
      edit(value);
      await clock.advance(100);
    }
    expect(sent().length).toBeGreaterThanOrEqual(2);
    expect(sent()[0]).toMatchObject({ data: { value: 15 } });
  });

  it('it_sends_many_edits_as_one_draft_with_the_newest_sequence', async () => {
    for (let value = 1; value <= 9; value += 1) edit(value);
    await clock.advance(2000);
    expect(sent()).toHaveLength(1);
    expect(sent()[0]).toMatchObject({ sequence: 13 });
  });

  it('it_keeps_every_undo_step_in_the_browser', async () => {
    for (let value = 1; value <= 3; value += 1) {
      edit(value);
      await settled();
    }
    const draft = await journal.draft(1, 7);
    expect(draft && (await journal.steps(draft))?.past).toEqual([{ value: 0 }, { value: 1 }, { value: 2 }]);
  });

  it('it_remembers_that_a_drag_is_under_way', async () => {
    dragging = true;
    keeper.noteDrag();
    await settled();
    expect(await journal.draft(1, 7)).toMatchObject({ unfinished: true, sequence: 4, data: { value: 0 } });
    dragging = false;
    edit(1);
    await settled();
    expect(await journal.draft(1, 7)).toMatchObject({ unfinished: false, data: { value: 1 } });
  });

  it('it_keeps_trying_while_the_server_is_away', async () => {
    const put = api.putDraft;
    api.putDraft = () => Promise.reject(unreachable());
    edit(1);
    await clock.advance(2000);
    expect(keeper.isOffline).toBe(true);
    expect(keeper.isUnsaved).toBe(true);
    api.putDraft = put;
    await clock.advance(5000);
    expect(keeper.isUnsaved).toBe(false);
    expect(keeper.isOffline).toBe(false);
  });

  it('it_tries_at_once_when_the_connection_is_back', async () => {
    const put = api.putDraft;
    api.putDraft = () => Promise.reject(unreachable());
    edit(1);
    await clock.advance(2000);
    api.putDraft = put;
    keeper.retryNow();
    await settled();
    expect(keeper.isUnsaved).toBe(false);
  });

  it('it_flushes_when_the_page_is_left', async () => {
    edit(1);
    await keeper.flush();
    expect(await journal.draft(1, 7)).not.toBeNull();
    expect(sent()).toHaveLength(1);
  });

  it('it_writes_nothing_after_it_was_closed', async () => {
    keeper.close();
    edit(1);
    await clock.advance(10_000);
    await keeper.flush();
    await settled();
    expect(sent()).toEqual([]);
    expect(await journal.draft(1, 7)).toBeNull();
  });

  it('it_says_when_the_lease_is_lost_and_stops', async () => {
    api.putDraft = () => Promise.reject(new Problem(409, 'lease_lost', 'Taken by somebody else.'));
    edit(1);
    await clock.advance(60_000);
    expect(refusals.map((one) => one.code)).toEqual(['lease_lost']);
  });

  it('it_sends_nothing_over_another_draft_until_the_person_chose', async () => {
    const other = { sequence: 9, writer: 'there', data: { value: 90 }, updated_at: '2026-01-01T00:00:00Z' };
    const put = api.putDraft;
    api.putDraft = () => Promise.reject(new Problem(409, 'other_draft', 'Two.', { draft: other }));
    edit(1);
    await clock.advance(2000);
    expect(met).toEqual([other]);
    api.putDraft = put;
    edit(2);
    await clock.advance(60_000);
    await keeper.flush();
    expect(sent()).toEqual([]);
    keeper.resume(other);
    await clock.advance(2000);
    expect(sent()).toEqual([{ token: 't', sequence: 10, data: { value: 2 }, writer: 'here', known: 9 }]);
  });
});
