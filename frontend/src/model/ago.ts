import { t } from '../i18n';

/** 'just now', '2 min ago', '3 h ago', '5 days ago' */
export function ago(then: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - then.getTime()) / 60_000));
  if (minutes < 1) return t('words.justNow');
  if (minutes < 60) return t('words.minutesAgo', { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return t('words.hoursAgo', { n: hours });
  const days = Math.floor(hours / 24);
  return days === 1 ? t('words.yesterday') : t('words.daysAgo', { n: days });
}
