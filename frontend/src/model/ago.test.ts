import { expect, it } from 'vitest';

import { ago } from './ago';

it('it_speaks_of_time_in_one_unit', () => {
  const now = new Date('2026-01-10T12:00:00Z');
  const words = [
    '2026-01-10T11:59:40Z',
    '2026-01-10T11:58:00Z',
    '2026-01-10T09:00:00Z',
    '2026-01-09T10:00:00Z',
  ];
  expect(words.map((iso) => ago(new Date(iso), now))).toEqual([
    'just now',
    '2 min ago',
    '3 h ago',
    'yesterday',
  ]);
});
