/** Numbers, dates and states as people read them. */

import { dateLocale, t } from '../i18n';

const whole = new Intl.NumberFormat('en');

/** 12480 → "12,480". */
export const countText = (count: number): string => whole.format(count);

/** "1 face", "2 faces", "3 people". */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

/** Part of a whole: "57 %", "0.7 %" below ten, "–" of nothing. */
export function percentText(part: number, total: number): string {
  if (total <= 0) return '–';
  const percent = (100 * part) / total;
  return percent > 0 && percent < 10 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}

/** A share from 0 to 1 as a percentage; null (not known yet) is a dash. */
export const shareText = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(1)} %`;

/** A number with fixed decimals; null is a dash. */
export const decimalText = (value: number | null | undefined, digits: number): string =>
  value === null || value === undefined ? '–' : value.toFixed(digits).replace('-', '−');

/** Bytes in steps of 1024: "812 KB", "3.4 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log(bytes) / Math.log(1024)));
  const value = bytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${['B', 'KB', 'MB', 'GB', 'TB'][power] ?? 'TB'}`;
}

/** "2 Nov", with the year where it is not that of `now`. */
export function dayText(iso: string | null, now: Date = new Date()): string {
  if (!iso) return '–';
  const at = new Date(iso);
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(dateLocale(), { day: 'numeric', month: 'short', year }).format(at);
}

/** "2 Nov, 14:05". */
export function momentText(iso: string | null, now: Date = new Date()): string {
  if (!iso) return '–';
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const time = new Intl.DateTimeFormat(dateLocale(), clock).format(new Date(iso));
  return t('words.moment', { day: dayText(iso, now), time });
}

/** How long ago in one unit: "just now", "5 min ago", "3 h ago", "2 days ago"; "never" for null. */
export function agoText(iso: string | null, now: Date = new Date()): string {
  if (!iso) return 'never';
  const seconds = Math.max(0, (now.getTime() - new Date(iso).getTime()) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${countOf(Math.floor(seconds / 86400), 'day')} ago`;
}

/** The rest of a job in words: "40 s left", "3 min left", "2.5 h left"; empty when it cannot be told. */
export function leftText(done: number, total: number | null, ratePerSecond: number | null): string {
  if (total === null || !ratePerSecond || ratePerSecond <= 0 || done >= total) return '';
  const seconds = (total - done) / ratePerSecond;
  if (seconds < 90) return `${Math.ceil(seconds)} s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`;
  return `${(seconds / 3600).toFixed(1)} h left`;
}

/** Stored names as words: "too_small" → "too small". */
export const spaced = (name: string): string => name.replaceAll('_', ' ');

/** The same with a capital at the start of a label or heading. */
export function titled(name: string): string {
  const text = spaced(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A pass as people call it; checks of a round are numbered from 1, other kinds have no number. */
export const passText = (kind: string, number: number): string =>
  kind === 'check' && number > 0 ? `Check ${number}` : titled(kind);
