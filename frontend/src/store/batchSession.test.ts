import { beforeEach, describe, expect, it } from 'vitest';

import type { FaceSubmit, Item, ItemFace, Policy } from '../api/types';
import { batchQuestions, type BatchQuestion } from '../model/batch';
import { faceItem, policy, sweepItem, wireLabels } from '../model/examples';
import { BatchSession } from './batchSession';
import { FaceSession } from './faceSession';
import type { Picture } from './pictures';
import { HandClock, ScriptedApi, settled } from './scripted';
import { WorkQueue } from './workQueue';

const FEW: Policy = { ...policy, required: ['gender', 'ethnicity'] };

function face(
  id: number,
  gender: string | null,
  changes: Partial<ItemFace> = {},
  kind: Item['kind'] = 'annotate',
): Item {
  const labels = wireLabels({ gender });
  return faceItem(
    { id, kind, lease: { token: `token-${id}`, until: '' } },
    { id, labels, prelabel: labels, ...changes },
  );
}

let api: ScriptedApi;
let clock: HandClock;
let loaded: number;

beforeEach(() => {
  api = new ScriptedApi([
    face(1, 'male'),
    face(2, 'female'),
    face(3, 'male', { uncertainty: 0.7 }),
    face(4, 'male', { blind: true }),
    face(5, 'male'),
    face(6, null),
  ]);
  clock = new HandClock();
  loaded = 0;
});

function makeQueue(rules: Policy): WorkQueue {
  const loadPicture = (): Promise<Picture> => {
    loaded += 1;
    return Promise.resolve({
      source: {} as CanvasImageSource,
      width: 1,
      height: 1,
      address: '',
      release: () => undefined,
    });
  };
  return new WorkQueue({
    api,
    journal: null,
    loadPicture,
    dataset: 1,
    user: 5,
    policy: rules,
    kinds: null,
    clock,
  });
}

const question = (id: string, rules = policy): BatchQuestion => {
  const found = batchQuestions(rules).find((one) => one.id === id);
  if (!found) throw new Error(`The policy does not ask for ${id}.`);
  return found;
};

async function screen(
  id = 'gender',
  { rules = policy, size = 24 } = {},
): Promise<{ queue: WorkQueue; batch: BatchSession }> {
  const queue = makeQueue(rules);
  const batch = new BatchSession({ queue, policy: rules, question: question(id, rules), kinds: null, size });
  await queue.start();
  await settled();
  return { queue, batch };
}

const places = (batch: BatchSession): number[] => batch.cells.map(({ session }) => session.item.id);
const sent = (): FaceSubmit[] => api.named('submit').map(([, body]) => body as FaceSubmit);
const draftsOf = (item: number): Record<string, unknown>[] =>
  api
    .named('putDraft')
    .filter(([id]) => id === item)
    .map(([, draft]) => (draft as { data: Record<string, unknown> }).data);

describe('a screenful', () => {
  it('it_claims_a_screen_at_once_of_kinds_that_the_question_allows_and_decodes_nothing', async () => {
    await screen();
    expect(api.named('claim')[0]).toEqual([1, 24, [], ['annotate', 'check']]);
    expect(loaded).toBe(0);
  });

  it('it_shows_the_frequent_answer_first_and_none_last_and_leaves_the_hidden_pre_label_out', async () => {
    const { batch } = await screen();
    expect(places(batch)).toEqual([1, 5, 3, 2, 6]);
    expect(batch.shown.map(({ answer, differs, unsure }) => [answer, differs, unsure])).toEqual([
      ['male', false, false],
      ['male', false, false],
      ['male', false, true],
      ['female', true, false],
      [null, false, false],
    ]);
    expect(batch.apart).toBe(1);
  });

  it('it_does_not_move_faces_while_they_are_answered', async () => {
    const { batch } = await screen();
    const before = places(batch);
    batch.flip(0);
    batch.flip(1);
    expect(places(batch)).toEqual(before);
    expect(batch.shown.map(({ differs }) => differs)).toEqual([true, true, false, true, false]);
  });

  it('it_fills_up_when_there_is_more_room', async () => {
    const { batch } = await screen('gender', { size: 2 });
    expect(batch.cells).toHaveLength(2);
    batch.resize(5);
    await settled();
    expect(batch.cells).toHaveLength(5);
  });

  it('it_shows_no_sweep_and_no_face_that_waits_for_a_choice', async () => {
    api.items = [face(1, 'male'), face(2, 'male'), sweepItem()];
    const { batch, queue } = await screen();
    const other = queue.held[1]?.session as FaceSession;
    other.meetTheirs('Ben', 30, wireLabels());
    await settled();
    queue.bringForward([]);
    expect(places(batch)).toEqual([1]);
  });
});

describe('a face that was flagged among others', () => {
  it('it_is_not_asked_what_the_flag_takes_away', async () => {
    const { queue, batch } = await screen('flag.occluded');
    batch.flip(0);
    batch.end();
    const next = new BatchSession({ queue, policy, question: question('gender'), kinds: null, size: 24 });
    expect(places(next)).toEqual([5, 3, 2, 6]);
    expect(next.apart).toBe(2);
  });
});

describe('answering', () => {
  it('it_moves_in_the_grid_and_stays_at_its_edges', async () => {
    const { batch } = await screen();
    batch.step(1, 0, 2);
    expect(batch.at).toBe(1);
    batch.step(0, 1, 2);
    expect(batch.at).toBe(3);
    batch.step(0, 1, 2);
    expect(batch.at).toBe(3);
    batch.step(-1, 0, 2);
    batch.step(0, -1, 2);
    batch.step(-1, 0, 2);
    expect(batch.at).toBe(0);
  });

  it('it_undoes_each_answer_in_one_step_wherever_it_was_given', async () => {
    const { batch } = await screen();
    batch.flip(0);
    batch.choose(3);
    batch.answer('unsure');
    expect(batch.shown.map(({ answer }) => answer)).toEqual(['female', 'male', 'male', 'unsure', null]);
    batch.choose(2);
    batch.undo();
    expect([batch.at, batch.shown[3]?.answer]).toEqual([3, 'female']);
    batch.undo();
    expect([batch.at, batch.shown[0]?.answer, batch.canUndo]).toEqual([0, 'male', false]);
    batch.redo();
    expect(batch.shown[0]?.answer).toBe('female');
  });

  it('it_goes_to_the_next_face_without_an_answer_after_giving_a_first_one', async () => {
    api.items = [face(1, null), face(2, null), face(3, 'male')];
    const { batch } = await screen();
    expect(places(batch)).toEqual([3, 1, 2]);
    batch.choose(1);
    batch.answer('female');
    expect(batch.at).toBe(2);
    batch.answer('male');
    expect([batch.at, batch.unanswered]).toEqual([2, 0]);
    batch.answer('female');
    expect(batch.at).toBe(2);
  });

  it('it_does_nothing_when_the_answer_is_already_there', async () => {
    const { batch } = await screen();
    batch.answer('male');
    expect([batch.canUndo, batch.shown[0]?.changed]).toEqual([false, false]);
  });

  it('it_takes_with_a_flag_what_the_flag_takes_away_in_one_step', async () => {
    const { batch } = await screen('flag.occluded');
    batch.flip(0);
    const session = batch.cells[0]?.session;
    expect(session?.labels).toMatchObject({ flags: ['occluded'], landmarks: null, gender: null });
    batch.undo();
    expect(session?.labels.landmarks).not.toBeNull();
    expect(session?.labels.flags).toEqual([]);
  });
});

describe('confirming', () => {
  it('it_keeps_the_answer_as_the_persons_own_in_each_draft_and_sends_nothing_while_more_is_asked', async () => {
    const { batch } = await screen();
    expect(batch.confirm()).toBe(0);
    expect(batch.shown.map(({ confirmed }) => confirmed)).toEqual([true, true, true, true, false]);
    await clock.advance(2000);
    expect(sent()).toEqual([]);
    expect(draftsOf(2).at(-1)).toMatchObject({ confirmed: ['gender'] });
    expect(draftsOf(6)).toEqual([]);
  });

  it('it_undoes_a_confirmation_of_all_in_one_step', async () => {
    const { batch } = await screen();
    batch.confirm();
    batch.undo();
    expect(batch.unconfirmed).toHaveLength(4);
    batch.redo();
    expect(batch.unconfirmed).toHaveLength(0);
  });

  it('it_sends_each_face_once_everything_that_the_policy_asks_is_confirmed', async () => {
    const { queue, batch } = await screen('gender', { rules: FEW });
    batch.flip(3);
    expect(batch.confirm()).toBe(0);
    batch.end();
    const second = new BatchSession({
      queue,
      policy: FEW,
      question: question('ethnicity', FEW),
      kinds: null,
      size: 24,
    });
    expect(second.confirm()).toBe(4);
    await settled();
    expect(sent().map(({ verdict, labels }) => [verdict, labels.gender, labels.ethnicity])).toEqual([
      ['save', 'male', 'white'],
      ['save', 'male', 'white'],
      ['save', 'male', 'white'],
      ['save', 'male', 'white'],
    ]);
    expect(new Set(sent().map(({ submission_id: id }) => id)).size).toBe(4);
    expect(places(second)).toEqual([6]);
    expect(second.canUndo).toBe(true); // of the face that stayed
  });

  it('it_sends_flagged_faces_and_keeps_the_others', async () => {
    const { batch } = await screen('flag.not_a_face');
    batch.flip(1);
    expect(batch.confirm()).toBe(1);
    await settled();
    expect(sent().map(({ labels }) => [labels.flags, labels.landmarks])).toEqual([[['not_a_face'], null]]);
    expect(places(batch)).toEqual([1, 5, 6, 3]);
  });

  it('it_accepts_a_check_and_corrects_one_that_was_changed', async () => {
    api.items = [face(1, 'male', {}, 'check'), face(2, 'male', {}, 'check')];
    const rules = { ...policy, required: ['gender'] };
    const { batch } = await screen('gender', { rules });
    batch.flip(1);
    expect(batch.confirm()).toBe(2);
    await settled();
    expect(sent().map(({ verdict, labels }) => [verdict, labels.gender])).toEqual([
      ['accept', 'male'],
      ['save', 'female'],
    ]);
  });

  it('it_shares_the_time_on_the_screen_out_over_its_faces', async () => {
    const { batch } = await screen('flag.not_a_face');
    batch.touch(0);
    batch.touch(10_000);
    batch.flip(0);
    batch.confirm();
    await settled();
    expect(sent()[0]?.active_ms).toBe(2000);
    batch.touch(14_000);
    batch.end();
    expect(batch.cells.map(({ session }) => session.activity.milliseconds)).toEqual([3000, 3000, 3000, 3000]);
  });
});

describe('leaving the screen', () => {
  it('it_goes_on_with_its_faces_first_and_gives_untouched_ones_back', async () => {
    api.items = Array.from({ length: 20 }, (_, i) => face(i + 1, 'male'));
    const { queue, batch } = await screen('gender', { size: 20 });
    batch.flip(18);
    batch.flip(17);
    batch.goOn();
    await settled();
    expect(queue.held.map(({ session }) => session.item.id)).toEqual([18, 19, 1, 2, 3]);
    expect(api.named('release')).toHaveLength(15);
    expect(loaded).toBe(5);
  });

  it('it_keeps_every_confirmed_face_for_the_page_of_one_face', async () => {
    api.items = Array.from({ length: 20 }, (_, i) => face(i + 1, 'male'));
    const { queue, batch } = await screen('gender', { size: 20 });
    batch.confirm();
    batch.goOn();
    await settled();
    expect(queue.held).toHaveLength(20);
    expect(api.named('release')).toEqual([]);
    const first = queue.current?.session as FaceSession;
    expect(first.confirmed.has('gender')).toBe(true);
  });

  it('it_restores_what_was_confirmed_from_the_draft', () => {
    const item = face(1, 'male') as ConstructorParameters<typeof FaceSession>[0];
    const before = new FaceSession(item, policy);
    before.confirm('gender');
    const after = new FaceSession(item, policy);
    const draft = { sequence: 1, data: before.draftData(), updated_at: '2026-01-01T00:00:00Z', writer: '' };
    expect(after.restore(draft)).toBe(true);
    expect([...after.confirmed]).toEqual(['gender']);
    after.discardDraft();
    expect([after.confirmed.size, after.isDirty]).toEqual([0, false]);
  });
});
