import { describe, expect, it } from 'vitest';

import type { Draft } from '../api/types';
import { chosenDraft } from './draftChoice';
import type { JournalDraft } from './journal';

const server = (sequence: number, writer: string | null = 'here', at = '2026-01-02T00:00:00Z'): Draft => ({
  sequence,
  writer,
  data: { from: 'server' },
  updated_at: at,
});
const local = (
  sequence: number,
  known: number,
  writer = 'here',
  at = '2026-01-01T00:00:00Z',
): JournalDraft => ({
  user: 1,
  item: 7,
  sequence,
  known,
  writer,
  data: { from: 'here' },
  updated_at: at,
});

describe('the draft to go on with', () => {
  it('it_is_the_only_one_there_is', () => {
    expect(chosenDraft(null, null)).toEqual({ draft: null, isLocal: false, other: null });
    expect(chosenDraft(server(1), null)).toMatchObject({ isLocal: false, other: null });
    expect(chosenDraft(null, local(1, 0))).toMatchObject({ isLocal: true, other: null });
  });

  it('it_is_the_local_one_with_its_undo_steps_where_both_are_the_same', () => {
    expect(chosenDraft(server(5), local(5, 4)).isLocal).toBe(true);
  });

  it('it_is_the_newer_one_of_the_same_page', () => {
    expect(chosenDraft(server(6), local(5, 4)).isLocal).toBe(false);
    expect(chosenDraft(server(5), local(6, 4)).isLocal).toBe(true);
  });

  it('it_is_the_one_that_knew_of_the_other', () => {
    expect(chosenDraft(server(5, 'there'), local(6, 5))).toMatchObject({ isLocal: true, other: null });
    expect(chosenDraft(server(8, 'there'), local(6, 6))).toMatchObject({ isLocal: false, other: null });
  });

  it('it_offers_the_other_where_both_went_on_apart', () => {
    expect(chosenDraft(server(8, 'there'), local(7, 5))).toMatchObject({
      isLocal: false,
      draft: { data: { from: 'server' } },
      other: { data: { from: 'here' } },
    });
    expect(chosenDraft(server(8, 'there'), local(7, 5, 'here', '2026-02-01T00:00:00Z'))).toMatchObject({
      isLocal: true,
      other: { data: { from: 'server' } },
    });
  });

  it('it_reads_drafts_of_earlier_versions_by_their_number', () => {
    const old: JournalDraft = { user: 1, item: 7, sequence: 5, data: {}, updated_at: '' };
    expect(chosenDraft(server(4, null), old).isLocal).toBe(true);
    expect(chosenDraft(server(6, null), old).isLocal).toBe(false);
  });
});
