import { dateLocale } from '../i18n';

/** '24 Nov 2026, 07:05' in the reader's time zone. */
export function dateAndTime(iso: string): string {
  return new Intl.DateTimeFormat(dateLocale(), { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(iso),
  );
}
