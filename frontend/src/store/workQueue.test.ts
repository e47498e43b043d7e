import { beforeEach, describe, expect, it } from 'vitest';

import { Problem, unreachable } from '../api/problem';
import type { FaceSubmit, Item } from '../api/types';
import { faceItem, policy, sweepItem, wireLabels } from '../model/examples';
import { FaceSession } from './faceSession';
import type { Journal } from './journal';
import type { Picture } from './pictures';
import { emptyJournal, HandClock, ScriptedApi, settled } from './scripted';
import { draftOf } from './refusal';
import { SweepSession } from './sweepSession';
import { WorkQueue } from './workQueue';

const item = (id: number): Item =>
  faceItem(
    { id, lease: { token: `token-${id}`, until: '' } },
    { crop: { ...faceItem().face.crop, url: `/crop/${id}` } },
  );

let journal: Journal;
let api: ScriptedApi;
let clock: HandClock;
let loaded: string[];

beforeEach(async () => {
  journal = await emptyJournal();
  api = new ScriptedApi(Array.from({ length: 12 }, (_, i) => item(i + 1)));
  clock = new HandClock();
  loaded = [];
});

function makeQueue(): WorkQueue {
  const loadPicture = (url: string): Promise<Picture> => {
    loaded.push(url);
    return Promise.resolve({
      source: {} as CanvasImageSource,
      width: 1,
      height: 1,
      address: url,
      release: () => undefined,
    });
  };
  return new WorkQueue({ api, journal, loadPicture, dataset: 1, user: 1, policy, kinds: null, clock });
}

async function started(): Promise<WorkQueue> {
  const queue = makeQueue();
  await queue.start();
  await settled();
  return queue;
}

function face(queue: WorkQueue): FaceSession {
  const session = queue.current?.session;
  if (!(session instanceof FaceSession)) throw new Error('No face is shown.');
  return session;
}

describe('the queue of one person', () => {
  it('it_claims_ahead_and_decodes_before_showing', async () => {
    const queue = await started();
    expect(face(queue).item.id).toBe(1);
    expect(queue.ahead.map((entry) => entry.session.item.id)).toEqual([2, 3, 4, 5]);
    expect(loaded).toEqual(['/crop/1', '/crop/2', '/crop/3', '/crop/4', '/crop/5']);
  });

  it('it_holds_more_ahead_while_plenty_waits', async () => {
    api.waiting = { ...api.waiting, annotate: 1000 };
    const queue = await started();
    for (let finished = 0; finished < 2; finished += 1) {
      void queue.submitCurrent();
      await settled();
    }
    expect(queue.ahead.length).toBe(9);
    const counts = api.named('claim').map(([, count]) => count);
    expect(counts).toEqual([5, 7]);
  });

  it('it_shows_the_next_face_without_waiting_for_the_server', async () => {
    const queue = await started();
    api.submit = () => new Promise(() => undefined);
    void queue.submitCurrent();
    expect(face(queue).item.id).toBe(2);
    expect(queue.day.total).toBe(1);
    expect(queue.saveState).toEqual({ word: 'Saving', waiting: 1 });
  });

  it('it_never_claims_what_is_still_on_its_way', async () => {
    const queue = await started();
    api.submit = () => Promise.reject(unreachable());
    for (let i = 0; i < 3; i += 1) await queue.submitCurrent();
    await settled();
    const claims = api.named('claim');
    expect(claims.length).toBeGreaterThan(1);
    for (const [, , have] of claims.slice(1)) expect(have).toContain(1);
    expect(queue.saveState).toEqual({ word: 'Offline', waiting: 3 });
  });

  it('it_refills_before_it_runs_dry_and_says_why_when_it_does', async () => {
    const queue = await started();
    for (let i = 0; i < 12; i += 1) {
      await queue.submitCurrent();
      await settled();
    }
    expect(api.named('submit').map(([id]) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(queue.status).toBe('empty');
    expect(queue.noneReason).toBe('All done.');
    api.items = [item(40)];
    await clock.advance(20_000);
    expect(face(queue).item.id).toBe(40);
  });

  it('it_brings_a_stale_save_back_with_both_versions', async () => {
    const queue = await started();
    face(queue).setAge(30);
    const theirs = { revision: 99, author: 'Ann', labels: wireLabels({ gender: 'male' }) };
    const submit = api.submit;
    api.submit = () =>
      Promise.reject(new Problem(409, 'stale_base', 'Changed.', { yours: {}, theirs, base_revision: 21 }));
    await queue.submitCurrent();
    await settled();
    expect(face(queue).item.id).toBe(1);
    expect(face(queue).theirs).toMatchObject({ author: 'Ann', revision: 99 });
    expect(queue.day.total).toBe(0);
    api.submit = submit;
    face(queue).resolve('mine');
    await queue.submitCurrent();
    await settled();
    expect(api.named('submit')[0]?.[1]).toMatchObject({ base_revision: 99 });
  });

  it('it_does_not_interrupt_a_face_that_is_being_edited', async () => {
    const queue = await started();
    let refuse: (error: Problem) => void = () => undefined;
    api.submit = () =>
      new Promise((_, reject) => {
        refuse = reject;
      });
    await queue.submitCurrent();
    await settled();
    face(queue).setAge(44);
    refuse(
      new Problem(422, 'policy', 'No.', { violations: [{ code: 'x', label: 'y', message: 'Say more.' }] }),
    );
    await settled();
    expect(face(queue).item.id).toBe(2);
    expect(queue.ahead[0]?.session.item.id).toBe(1);
    expect(queue.ahead[0]?.session.refusal?.message).toBe('Say more.');
    expect(queue.notices.all).toHaveLength(1);
  });

  it('it_says_so_when_a_save_was_kept_aside', async () => {
    const queue = await started();
    const submit = api.submit;
    api.submit = async (id, body) => ({
      ...(await submit(id, body)),
      kept_as: 'side',
      message: 'Kept for the adjudicator.',
    });
    await queue.submitCurrent();
    await settled();
    expect(queue.notices.all.map((one) => one.message)).toEqual(['Face 11: Kept for the adjudicator.']);
    queue.notices.dismiss(queue.notices.all[0]?.id ?? 0);
    expect(queue.notices.all).toEqual([]);
  });

  it('it_restores_the_draft_of_a_closed_tab', async () => {
    const first = await started();
    face(first).setAge(61);
    await first.flush();
    api.items = [item(1)];
    const second = await started();
    expect(face(second).labels.age).toBe(61);
    expect(face(second).draftFrom).not.toBeNull();
  });

  it('it_sends_after_a_restart_what_was_saved_offline_with_the_same_id', async () => {
    const first = await started();
    const submit = api.submit;
    const ids: string[] = [];
    api.submit = (_, body) => {
      ids.push(body.submission_id);
      return Promise.reject(unreachable());
    };
    face(first).setAge(50);
    await first.submitCurrent();
    await settled();
    await first.stop();
    api.submit = submit;
    await started();
    const [sent] = api.named('submit');
    expect((sent?.[1] as FaceSubmit).submission_id).toBe(ids[0]);
    expect(await journal.pending(1)).toEqual([]);
  });

  it('it_keeps_the_labels_as_a_draft_when_an_earlier_pages_save_is_refused', async () => {
    const first = await started();
    const submit = api.submit;
    api.submit = () => Promise.reject(unreachable());
    face(first).setAge(50);
    await first.submitCurrent();
    await settled();
    await first.stop();
    api.submit = () => Promise.reject(new Problem(422, 'policy', 'Still needs ethnicity.', {}));
    api.items = [];
    const second = await started();
    expect(second.notices.all[0]?.message).toContain('kept as its draft');
    api.submit = submit;
    api.items = [item(1)];
    await second.refill();
    expect(face(second).labels.age).toBe(50);
  });

  it('it_keeps_the_work_when_the_item_was_given_back_in_another_tab', async () => {
    const queue = await started();
    const submit = api.submit;
    api.submit = () => Promise.reject(new Problem(409, 'lease_lost', 'You do not hold this item any more.'));
    face(queue).setAge(50);
    await queue.submitCurrent();
    await settled();
    expect(queue.notices.all[0]?.message).toContain('kept as its draft');
    api.submit = submit;
    await queue.stop();
    api.items = [item(1)];
    const later = await started();
    expect(face(later).labels.age).toBe(50);
  });

  it('it_drops_an_untouched_face_whose_lease_is_lost_and_asks_about_the_current_one', async () => {
    const queue = await started();
    api.heartbeat = () => Promise.resolve({ alive: [], lost: [1, 3] });
    await queue.heartbeat();
    await settled();
    expect(queue.current?.session.leaseLost).toBe(true);
    expect(queue.ahead.map((entry) => entry.session.item.id)).not.toContain(3);
  });

  it('it_renews_leases_on_time', async () => {
    const queue = await started();
    await clock.advance(120_000);
    expect(api.named('heartbeat')).toHaveLength(1);
    expect(api.named('heartbeat')[0]?.[0]).toContainEqual({ item: 1, token: 'token-1' });
    await queue.stop();
    await clock.advance(600_000);
    expect(api.named('heartbeat')).toHaveLength(1);
  });

  it('it_skips_with_a_reason_and_forgets_the_draft', async () => {
    const queue = await started();
    face(queue).setAge(3);
    await clock.advance(300);
    await queue.skipCurrent('too dark');
    expect(api.named('skip')).toEqual([[1, 'token-1', 'too dark']]);
    expect(await journal.draft(1, 1)).toBeNull();
    expect(face(queue).item.id).toBe(2);
  });

  it('it_gives_untouched_faces_back_when_the_page_is_left', async () => {
    const queue = await started();
    face(queue).setAge(20);
    await queue.stop();
    expect(api.named('release').map(([id]) => id)).toEqual([2, 3, 4, 5]);
    expect(api.named('putDraft').map(([id]) => id)).toEqual([1]);
  });

  it('it_explains_a_failed_start_and_tries_again', async () => {
    const claim = api.claim;
    api.claim = () => Promise.reject(unreachable());
    const queue = await started();
    expect(queue.status).toBe('failed');
    expect(queue.failure).toContain('cannot be reached');
    api.claim = claim;
    await clock.advance(5000);
    expect(queue.status).toBe('working');
  });
});

it('it_turns_a_refused_sweep_into_a_draft_that_sends_the_same', () => {
  const first = new SweepSession(sweepItem([{}]));
  first.beginNew({ x: 10, y: 10 });
  first.dragTo({ x: 80, y: 90 });
  first.endDrag();
  first.decide('quarantine');
  first.explain('a crowd');
  const body = first.submission();
  const draft = draftOf({
    submission_id: body.submission_id,
    user: 1,
    dataset: 1,
    item: 9,
    kind: 'sweep',
    body,
    created_at: '2026-01-01T00:00:00Z',
    sequence: 4,
  });
  expect(draft.sequence).toBe(5);
  const second = new SweepSession(sweepItem([{}]));
  expect(second.restore(draft)).toBe(true);
  expect({ ...second.submission(), submission_id: '', active_ms: 0 }).toEqual({
    ...body,
    submission_id: '',
    active_ms: 0,
  });
});

describe('going back', () => {
  it('it_goes_back_to_the_last_face_with_what_was_sent', async () => {
    const queue = await started();
    await queue.submitCurrent();
    await settled();
    api.takeBack = (id) =>
      Promise.resolve({ item: item(id), labels: wireLabels({ gender: 'male', age: 41 }), comment: '' });
    await queue.goBack();
    expect(face(queue).item.id).toBe(1);
    expect(face(queue).labels).toMatchObject({ gender: 'male', age: 41 });
    expect(face(queue).takenBack).toBe(true);
    expect(face(queue).baseRevision).toBe(item(1).face?.base_revision);
    expect(queue.ahead.map((entry) => entry.session.item.id)).toEqual([2, 3, 4, 5]);
    expect(queue.day.total).toBe(0);
  });

  it('it_goes_back_once_a_save_on_its_way_has_arrived', async () => {
    const queue = await started();
    const submit = api.submit;
    api.submit = () => Promise.reject(unreachable());
    await queue.submitCurrent();
    await queue.goBack();
    expect(api.named('takeBack')).toEqual([]);
    api.submit = submit;
    queue.outbox.retryNow();
    await settled();
    expect(api.named('takeBack')).toEqual([[1]]);
    expect(face(queue).item.id).toBe(1);
  });

  it('it_says_why_it_cannot_go_back', async () => {
    const queue = await started();
    await queue.goBack();
    await queue.submitCurrent();
    await settled();
    api.takeBack = () => Promise.reject(new Problem(409, 'gone_on', 'Somebody else has gone on.'));
    await queue.goBack();
    expect(queue.notices.all.map((notice) => notice.message)).toEqual([
      'You have not submitted anything here that you could go back to.',
      'Somebody else has gone on.',
    ]);
    expect(face(queue).item.id).toBe(2);
  });

  it('it_goes_back_to_what_an_earlier_page_submitted', async () => {
    api.mine = () =>
      Promise.resolve({
        goal: 60,
        today: { annotate: 1, check: 0, adjudicate: 0, sweep: 0 },
        total: { annotate: 1, check: 0, adjudicate: 0, sweep: 0 },
        results: [
          {
            pass_id: 1,
            item: 77,
            face_id: 7,
            image_id: 7,
            kind: 'annotate',
            created_at: '',
            taken_back: false,
            state: 'checking',
            crop_url: null,
          },
        ],
        next: null,
      });
    const queue = await started();
    expect(queue.day.sentence).toBe('1 of 60 today');
    await queue.goBack();
    expect(face(queue).item.id).toBe(77);
  });
});
