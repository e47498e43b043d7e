import { describe, expect, it } from 'vitest';

import { heldAtMost, lackingOn, type Screen } from './ahead';
import { faceItem, sweepItem } from './examples';

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

describe('how many a screenful lacks', () => {
  const screen: Screen = { size: 24, kinds: ['annotate'], fits: (item) => item.face?.blind === false };

  it('it_counts_only_what_the_screen_can_show', () => {
    const held = [faceItem({ id: 1 }), faceItem({ id: 2 }, { blind: true }), sweepItem()];
    expect(lackingOn(screen, held)).toBe(23);
  });

  it('it_never_asks_for_more_than_the_server_hands_to_one_person', () => {
    const hidden = Array.from({ length: 40 }, (_, id) => faceItem({ id }, { blind: true }));
    expect(lackingOn(screen, hidden)).toBe(8);
  });

  it('it_lacks_nothing_on_a_full_screen', () => {
    const held = Array.from({ length: 30 }, (_, id) => faceItem({ id }));
    expect(lackingOn(screen, held)).toBe(0);
  });
});
