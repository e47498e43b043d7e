import { describe, expect, it } from 'vitest';

import { apiUrl, csrfToken } from './client';
import { parsedBody, Problem, problemFrom, refusalSentence, sentenceOf, unreachable } from './problem';

describe('addresses of the API', () => {
  it('it_adds_the_query_and_leaves_out_what_is_empty', () => {
    expect(apiUrl('/datasets/1/faces', { state: 'accepted', flag: '', cursor: null, ids: [1, 2] })).toBe(
      '/api/v1/datasets/1/faces?state=accepted&ids=1&ids=2',
    );
  });

  it('it_takes_full_paths_as_the_server_gives_them', () => {
    expect(apiUrl('/api/v1/images/3/file?side=256', { v: 1 })).toBe('/api/v1/images/3/file?side=256&v=1');
  });

  it('it_encodes_values', () => {
    expect(apiUrl('/x', { q: 'a&b c' })).toBe('/api/v1/x?q=a%26b%20c');
  });

  it('it_finds_the_csrf_cookie_among_others', () => {
    expect(csrfToken('other_jfa_csrf=no; jfa_csrf=abc123; z=1')).toBe('abc123');
    expect(csrfToken('')).toBe('');
  });
});

describe('refusals', () => {
  it('it_keeps_code_sentence_and_details', () => {
    const problem = problemFrom(409, {
      code: 'stale_base',
      message: 'Changed.',
      details: { base_revision: 3 },
    });
    expect(problem).toMatchObject({ status: 409, code: 'stale_base', details: { base_revision: 3 } });
    expect(sentenceOf(problem)).toBe('Changed.');
    expect(problem.isTemporary).toBe(false);
  });

  it('it_speaks_for_answers_that_are_not_json', () => {
    expect(problemFrom(502, parsedBody('<html>')).message).toBe(
      'The server answered with status 502 and no explanation.',
    );
  });

  it('it_knows_when_trying_again_is_safe', () => {
    expect(unreachable().isTemporary).toBe(true);
    expect(problemFrom(503, null).isTemporary).toBe(true);
    expect(problemFrom(422, null).isTemporary).toBe(false);
  });

  it('it_joins_the_sentences_of_a_broken_policy', () => {
    const violations = [{ message: 'One.' }, { message: 'Two.' }];
    expect(refusalSentence(new Problem(422, 'policy', 'Refused.', { violations }))).toBe('One. Two.');
    expect(refusalSentence(new Problem(422, 'policy', 'Refused.'))).toBe('Refused.');
  });
});
