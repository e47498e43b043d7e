import { describe, expect, it } from 'vitest';
import type { Delivery } from '../api/types';
import { dueText, progressOf, progressText, standingOf } from './deliveries';

const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  id: 1,
  name: 'March',
  priority: 'urgent',
  due_at: '2026-03-10T12:00:00Z',
  note: '',
  created_by: 'Ann',
  created_at: '2026-03-01T12:00:00Z',
  closed_at: null,
  images: 10,
  unswept: 0,
  accepted: 6,
  in_work: 3,
  other: 3,
  is_done: false,
  is_late: false,
  effort: { passes: {}, hours: 0, seconds: {}, unknown: [] },
  ...more,
});

describe('a delivery', () => {
  it('counts accepted, rejected and too small faces as done', () => {
    expect(progressOf(delivery())).toEqual({ done: 9, total: 12 });
    expect(progressText(delivery())).toContain('of 12 faces');
  });
  it('says when it has nothing in it', () => {
    const nothing = { accepted: 0, in_work: 0, other: 0 };
    expect(progressText(delivery({ ...nothing, images: 0 }))).toBe('no images yet');
    expect(progressText(delivery(nothing))).toBe('no faces yet');
  });
  it('tells what matters first', () => {
    expect(standingOf(delivery())).toBe('open');
    expect(standingOf(delivery({ is_late: true }))).toBe('late');
    expect(standingOf(delivery({ is_done: true }))).toBe('done');
    expect(standingOf(delivery({ images: 0 }))).toBe('empty');
    expect(standingOf(delivery({ is_late: true, closed_at: '2026-03-11T00:00:00Z' }))).toBe('closed');
  });
  it('says how long is left, or how late it is', () => {
    expect(dueText(delivery(), new Date('2026-03-06T11:00:00Z'))).toMatch(/^due .*, in 4 days$/);
    expect(dueText(delivery(), new Date('2026-03-10T00:00:00Z'))).toMatch(/, within a day$/);
    expect(dueText(delivery(), new Date('2026-03-10T20:00:00Z'))).toMatch(/, less than a day late$/);
    expect(dueText(delivery(), new Date('2026-03-12T13:00:00Z'))).toMatch(/, 2 days late$/);
    expect(dueText(delivery({ due_at: null }))).toBe('');
  });
  it('calls nothing late that is done or closed', () => {
    const later = new Date('2026-04-01T00:00:00Z');
    expect(dueText(delivery({ is_done: true }), later)).not.toContain('late');
  });
});
