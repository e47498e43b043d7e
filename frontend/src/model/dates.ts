/** '24 Nov 2026, 07:05' in the reader's time zone. */
export function dateAndTime(iso: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}
