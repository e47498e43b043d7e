import { beforeEach, describe, expect, it } from 'vitest';

import { Problem, unreachable } from '../api/problem';
import type { SweepSubmit } from '../api/types';
import type { Journal, Pending } from './journal';
import { Outbox, type Answered } from './outbox';
import { emptyJournal, HandClock, ScriptedApi, settled } from './scripted';

function pending(id: string, item = 7): Pending {
  return {
    submission_id: id,
    user: 1,
    dataset: 1,
    item,
    kind: 'sweep',
    body: { submission_id: id, token: 't', added: [], rejected: [], verdict: null, reason: '' },
    created_at: `2026-01-01T00:00:0${item}Z`,
    sequence: 0,
  };
}

let journal: Journal;
let api: ScriptedApi;
let clock: HandClock;
let answers: Answered[];
let outbox: Outbox;

const sentIds = (): string[] => api.named('submit').map(([, body]) => (body as SweepSubmit).submission_id);

beforeEach(async () => {
  journal = await emptyJournal();
  api = new ScriptedApi();
  clock = new HandClock();
  answers = [];
  outbox = new Outbox(api, journal, (answer) => answers.push(answer), clock);
});

describe('submissions on their way', () => {
  it('it_sends_and_forgets', async () => {
    await outbox.add(pending('a'));
    await settled();
    expect(sentIds()).toEqual(['a']);
    expect(answers[0]?.outcome.ok).toBe(true);
    expect(outbox.waiting).toEqual([]);
    expect(await journal.pending(1)).toEqual([]);
  });

  it('it_tries_again_with_the_same_id_until_the_server_is_back', async () => {
    const submit = api.submit;
    let down = 3;
    api.submit = async (item, body) => {
      const answer = await submit(item, body);
      if (down-- > 0) throw unreachable();
      return answer;
    };
    await outbox.add(pending('a'));
    await settled();
    expect(outbox.isOffline).toBe(true);
    expect(await journal.pending(1)).toHaveLength(1);
    await clock.advance(1000 + 2000 + 4000);
    expect(sentIds()).toEqual(['a', 'a', 'a', 'a']);
    expect(answers).toHaveLength(1);
    expect(outbox.isOffline).toBe(false);
    expect(await journal.pending(1)).toEqual([]);
  });

  it('it_keeps_the_order_while_offline', async () => {
    const submit = api.submit;
    let down = true;
    api.submit = (item, body) => (down ? Promise.reject(unreachable()) : submit(item, body));
    await outbox.add(pending('a', 1));
    await outbox.add(pending('b', 2));
    await settled();
    expect(outbox.waiting).toHaveLength(2);
    down = false;
    outbox.retryNow();
    await settled();
    expect(sentIds()).toEqual(['a', 'b']);
  });

  it('it_reports_a_refusal_once_and_does_not_repeat_it', async () => {
    api.submit = () => Promise.reject(new Problem(422, 'policy', 'No points on a profile.', {}));
    await outbox.add(pending('a'));
    await settled();
    await clock.advance(60_000);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.outcome).toMatchObject({ ok: false, problem: { code: 'policy' } });
    expect(await journal.pending(1)).toEqual([]);
  });

  it('it_takes_up_what_a_closed_tab_left', async () => {
    await journal.putPending(pending('left', 3));
    await outbox.recover(1);
    await settled();
    expect(sentIds()).toEqual(['left']);
    expect(outbox.holds(3)).toBe(false);
  });

  it('it_waits_for_a_new_sign_in_instead_of_losing_the_work', async () => {
    const submit = api.submit;
    let out = true;
    api.submit = (item, body) =>
      out ? Promise.reject(new Problem(401, 'not_authenticated', 'Sign in.')) : submit(item, body);
    await outbox.add(pending('a'));
    await settled();
    expect(outbox.holds(7)).toBe(true);
    out = false;
    await clock.advance(1000);
    expect(answers[0]?.outcome.ok).toBe(true);
  });
});
