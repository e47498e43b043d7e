import { describe, expect, it } from 'vitest';

import { heldAtMost } from './ahead';

const NONE = { annotate: 0, check: 0, adjudicate: 0, sweep: 0 };

describe('how many faces the page holds', () => {
  it('it_holds_few_where_little_waits', () => {
    expect(heldAtMost(NONE)).toBe(5);
    expect(heldAtMost({ ...NONE, annotate: 300, check: 199 })).toBe(5);
  });

  it('it_holds_more_where_there_is_plenty_for_everybody', () => {
    expect(heldAtMost({ ...NONE, annotate: 300, sweep: 200 })).toBe(10);
  });
});
