import { describe, expect, it } from 'vitest';
import { detailText } from './detailText';

describe('detailText', () => {
  it('writes changes with an arrow', () => {
    expect(detailText({ user: 'ann', is_active: { from: true, to: false } })).toBe(
      'user: ann; is active: yes → no',
    );
  });
  it('flattens what is nested and says when something is empty', () => {
    expect(detailText({ before: { round: 1, state: 'accepted' }, ids: [3, 4], reason: '' })).toBe(
      'before: round 1, state accepted; ids: 3, 4; reason: nothing',
    );
  });
  it('is empty without facts', () => {
    expect(detailText({})).toBe('');
  });
});
