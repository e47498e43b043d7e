import { describe, expect, it } from 'vitest';

import { csvText } from './csv';

describe('csvText', () => {
  it('quotes only where it must and leaves nothing for null', () => {
    expect(
      csvText(
        ['name', 'faces'],
        [
          ['a, b', 3],
          ['say "x"', null],
        ],
      ),
    ).toBe('name,faces\r\n"a, b",3\r\n"say ""x""",\r\n');
  });
});
