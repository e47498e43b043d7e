import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { actFor, api, onSignedOut, type SignedOut } from './client';

let answers: Response[];
let sent: RequestInit[];
let asked: SignedOut[];

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  answers = [];
  sent = [];
  asked = [];
  vi.stubGlobal('document', { cookie: '' });
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    sent.push(init);
    return Promise.resolve(answers.shift());
  });
  onSignedOut((why) => {
    asked.push(why);
    return Promise.resolve(true);
  });
});

afterEach(() => {
  actFor(null);
  vi.unstubAllGlobals();
});

const opener = (index: number): string | undefined =>
  (sent[index]?.headers as Record<string, string>)['X-JFA-User'];

it('it_says_for_whom_the_page_was_opened_except_when_somebody_signs_in', async () => {
  answers = [json(200, {}), json(200, {}), json(200, {})];
  await api.get('/datasets');
  actFor(7);
  await api.get('/datasets');
  await api.post('/session', {});
  expect([0, 1, 2].map(opener)).toEqual([undefined, '7', undefined]);
});

it('it_asks_for_its_own_person_when_somebody_else_signed_in_and_repeats_the_call', async () => {
  answers = [json(401, { code: 'other_user', message: 'Somebody else.' }), json(200, { sequence: 4 })];
  expect(await api.put('/work/1/draft', {})).toEqual({ sequence: 4 });
  expect(asked).toEqual(['other_user']);
});

it('it_tells_an_ended_session_from_another_person', async () => {
  answers = [json(401, { code: 'not_authenticated', message: 'Sign in.' }), json(200, {})];
  await api.get('/datasets');
  expect(asked).toEqual(['expired']);
});
