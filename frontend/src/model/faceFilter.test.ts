import { describe, expect, it } from 'vitest';
import { filterFromQuery, filterParts, filterQuery, filterToggled } from './faceFilter';

describe('the explorer filter', () => {
  it('survives the way into an address and back', () => {
    const filter = { made_by: 'packaged 1', state: 'accepted', age_min: '20' };
    expect(filterFromQuery(filterQuery(filter))).toEqual(filter);
  });
  it('writes the same view as the same address whatever the order', () => {
    expect(filterQuery({ flag: 'blurred', state: 'waiting' })).toBe('state=waiting&flag=blurred');
    expect(filterQuery({ state: 'waiting', flag: 'blurred' })).toBe('state=waiting&flag=blurred');
  });
  it('drops unknown keys and empty values', () => {
    expect(filterFromQuery('?state=&cursor=abc&person=%203%20')).toEqual({ person: '3' });
  });
  it('takes a value away when it is chosen twice', () => {
    const once = filterToggled({}, 'gender', 'female');
    expect(once).toEqual({ gender: 'female' });
    expect(filterToggled(once, 'gender', 'female')).toEqual({});
    expect(filterToggled(once, 'gender', 'male')).toEqual({ gender: 'male' });
  });
  it('says in words how faces were chosen for redo', () => {
    const filter = { did: 'check', closed_from: '2026-03-01', policy_before: '3', level: 'urgent' };
    expect(filterParts(filter).map((part) => part.text)).toEqual([
      'work: check',
      'accepted from: 2026-03-01',
      'accepted under a policy before: 3',
      'priority: urgent',
    ]);
  });
  it('describes each condition with names instead of ids', () => {
    const parts = filterParts({ state: 'too_small', person: '7', blocked: '1' }, (key, value) =>
      key === 'person' && value === '7' ? 'Ann' : value,
    );
    expect(parts.map((part) => part.text)).toEqual(['state: too small', 'person: Ann', 'blocked']);
  });
});
