import { describe, expect, it } from 'vitest';
import {
  agoText,
  bytesText,
  countOf,
  dayText,
  leftText,
  passText,
  percentText,
  shareText,
  titled,
} from './words';

describe('numbers in words', () => {
  it('counts with the right noun', () => {
    expect(countOf(1, 'face')).toBe('1 face');
    expect(countOf(12480, 'image')).toBe('12,480 images');
    expect(countOf(0, 'person', 'people')).toBe('0 people');
  });
  it('gives one decimal only to small percentages', () => {
    expect(percentText(57, 100)).toBe('57 %');
    expect(percentText(7, 1000)).toBe('0.7 %');
    expect(percentText(0, 10)).toBe('0 %');
    expect(percentText(0, 0)).toBe('–');
    expect(shareText(null)).toBe('–');
    expect(shareText(0.031)).toBe('3.1 %');
  });
  it('writes bytes in the largest fitting unit', () => {
    expect(bytesText(512)).toBe('512 B');
    expect(bytesText(2048)).toBe('2.0 KB');
    expect(bytesText(35 * 1024 * 1024)).toBe('35 MB');
  });
});

describe('times in words', () => {
  const now = new Date('2026-11-10T12:00:00');
  it('names the year only when it differs', () => {
    expect(dayText('2026-11-02T10:00:00', now)).toBe('2 Nov');
    expect(dayText('2025-11-02T10:00:00', now)).toBe('2 Nov 2025');
    expect(dayText(null, now)).toBe('–');
  });
  it('tells how long ago in one unit', () => {
    expect(agoText('2026-11-10T11:59:30', now)).toBe('just now');
    expect(agoText('2026-11-10T11:55:00', now)).toBe('5 min ago');
    expect(agoText('2026-11-10T09:00:00', now)).toBe('3 h ago');
    expect(agoText('2026-11-09T09:00:00', now)).toBe('1 day ago');
    expect(agoText(null, now)).toBe('never');
  });
  it('estimates what is left only from a known rate and total', () => {
    expect(leftText(20, 100, 2)).toBe('40 s left');
    expect(leftText(0, 600, 1)).toBe('10 min left');
    expect(leftText(0, null, 1)).toBe('');
    expect(leftText(5, 10, null)).toBe('');
    expect(leftText(10, 10, 1)).toBe('');
  });
});

describe('stored names', () => {
  it('number checks only', () => {
    expect(passText('check', 2)).toBe('Check 2');
    expect(passText('annotate', 0)).toBe('Annotate');
  });
  it('become words', () => {
    expect(titled('not_a_face')).toBe('Not a face');
  });
});
