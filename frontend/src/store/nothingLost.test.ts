import { beforeEach, describe, expect, it } from 'vitest';

import { Problem, unreachable } from '../api/problem';
import type { Draft, Item } from '../api/types';
import { faceItem, policy, sweepItem } from '../model/examples';
import { FaceSession } from './faceSession';
import { openJournal, type Journal } from './journal';
import { emptyJournal, HandClock, ScriptedApi, settled } from './scripted';
import type { SweepSession } from './sweepSession';
import { WorkQueue } from './workQueue';

const item = (id: number, draft: Draft | null = null): Item =>
  faceItem({ id, draft, lease: { token: `token-${id}`, until: '' } });

let journal: Journal;
let api: ScriptedApi;
let clock: HandClock;

beforeEach(async () => {
  journal = await emptyJournal();
  api = new ScriptedApi(Array.from({ length: 5 }, (_, i) => item(i + 1)));
  clock = new HandClock();
});

/** What a tab shows; a killed tab is one of which nobody asks any more. */
async function tab(): Promise<WorkQueue> {
  const loadPicture = (): Promise<never> => Promise.reject(unreachable());
  const queue = new WorkQueue({ api, journal, loadPicture, dataset: 1, user: 1, policy, kinds: null, clock });
  await queue.start();
  await settled();
  return queue;
}

function face(queue: WorkQueue): FaceSession {
  const session = queue.current?.session;
  if (!(session instanceof FaceSession)) throw new Error('No face is shown.');
  return session;
}

/** The browser opens the page anew. */
async function again(...items: Item[]): Promise<WorkQueue> {
  journal = await openJournal();
  api.items = items;
  return tab();
}

describe('a killed tab', () => {
  it('it_takes_no_undo_step_with_it', async () => {
    const first = face(await tab());
    for (const age of [20, 30, 40]) first.setAge(age);
    first.undo();
    await settled();
    const second = face(await again(item(1)));
    expect(second.labels.age).toBe(30);
    second.redo();
    expect(second.labels.age).toBe(40);
    for (let i = 0; i < 3; i += 1) second.undo();
    expect(second.isDirty).toBe(false);
    expect(second.canUndo).toBe(false);
  });

  it('it_comes_back_to_the_state_before_the_drag_and_says_so', async () => {
    const first = face(await tab());
    first.setAge(30);
    const before = first.labels.landmarks?.points[8];
    if (!before) throw new Error('The face has no chin.');
    first.beginPointDrag(8, before);
    first.dragTo({ ...before, x: before.x + 25 });
    await settled();
    const second = face(await again(item(1)));
    expect(second.labels.landmarks?.points[8]).toEqual(before);
    expect(second.labels.age).toBe(30);
    expect(second.interrupted).toBe(true);
    second.setAge(31);
    expect(second.interrupted).toBe(false);
  });

  it('it_keeps_the_steps_of_a_sweep_too', async () => {
    api.items = [sweepItem([{}])];
    const queue = await tab();
    const first = queue.current?.session as SweepSession;
    for (const x of [10, 200]) {
      first.beginNew({ x, y: 10 } as never);
      first.dragTo({ x: x + 70, y: 90 } as never);
      first.endDrag();
    }
    await settled();
    const second = (await again(sweepItem([{}]))).current?.session as SweepSession;
    expect(second.drawn).toHaveLength(2);
    second.undo();
    expect(second.drawn).toHaveLength(1);
    second.beginNew({ x: 300, y: 10 } as never);
    second.dragTo({ x: 380, y: 90 } as never);
    second.endDrag();
    expect(new Set(second.drawn.map((one) => one.key)).size).toBe(2);
  });
});

describe('two tabs or computers on one face', () => {
  const other: Draft = {
    sequence: 3,
    writer: 'there',
    data: {
      version: 1,
      labels: { ...faceItem().face?.labels, age: 77 },
      base_revision: 21,
      correcting: true,
    },
    updated_at: '2026-01-01T00:00:00Z',
  };

  it('it_offers_what_the_other_one_wrote_and_undo_brings_ones_own_back', async () => {
    const queue = await tab();
    const put = api.putDraft;
    api.putDraft = () => Promise.reject(new Problem(409, 'other_draft', 'Two.', { draft: other }));
    face(queue).setAge(50);
    await clock.advance(2000);
    expect(face(queue).otherDraft).toEqual(other);
    api.putDraft = put;
    face(queue).chooseDraft('other');
    expect(face(queue).labels.age).toBe(77);
    await clock.advance(2000);
    expect(api.named('putDraft').at(-1)?.[1]).toMatchObject({ sequence: 4, known: 3 });
    face(queue).undo();
    expect(face(queue).labels.age).toBe(50);
  });

  it('it_still_waits_for_the_choice_after_the_tab_was_closed', async () => {
    const queue = await tab();
    const put = api.putDraft;
    api.putDraft = () => Promise.reject(new Problem(409, 'other_draft', 'Two.', { draft: other }));
    face(queue).setAge(50);
    await clock.advance(2000);
    face(queue).setAge(51);
    await settled();
    const second = await again(item(1, other));
    api.putDraft = put;
    expect(face(second).otherDraft).not.toBeNull();
    await clock.advance(60_000);
    expect(api.named('putDraft')).toEqual([]);
    const shown = face(second).labels.age;
    face(second).chooseDraft('other');
    expect([shown, face(second).labels.age].sort()).toEqual([51, 77]);
  });
});

describe('no connection', () => {
  it('it_works_through_what_is_held_says_so_and_sends_in_order', async () => {
    const queue = await tab();
    const { submit, claim } = api;
    api.submit = () => Promise.reject(unreachable());
    api.claim = () => Promise.reject(unreachable());
    for (let i = 0; i < 5; i += 1) {
      face(queue).setAge(20 + i);
      await queue.submitCurrent();
    }
    await settled();
    expect(queue.status).toBe('offline');
    expect(queue.saveState).toEqual({ word: 'Offline', waiting: 5 });
    await clock.advance(15_000);
    Object.assign(api, { submit, claim, items: [item(9)] });
    await queue.retryNow();
    await settled();
    expect(api.named('submit').map(([id]) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(queue.status).toBe('working');
    expect(queue.saveState.word).toBe('Saved');
    expect(face(queue).item.id).toBe(9);
  });

  it('it_keeps_what_a_paused_person_had_done_as_drafts', async () => {
    const queue = await tab();
    api.submit = () => Promise.reject(new Problem(403, 'not_allowed', 'You are paused here.'));
    face(queue).setAge(44);
    await queue.submitCurrent();
    await settled();
    expect(queue.notices.all[0]?.message).toBe(
      'Face 11 was not saved. You are paused here. Your work on it is kept as its draft.',
    );
    expect(face(await again(item(1))).labels.age).toBe(44);
  });
});

it('it_gives_the_work_over_to_another_tab_with_the_leases', async () => {
  const first = await tab();
  face(first).setAge(35);
  await first.stop('keep');
  expect(api.named('release')).toEqual([]);
  expect(api.named('putDraft')).toHaveLength(1);
  expect(face(await again(item(1))).labels.age).toBe(35);
});
