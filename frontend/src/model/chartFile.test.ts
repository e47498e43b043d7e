import { describe, expect, it } from 'vitest';

import { chartSvg, csvText } from './chartFile';
import { shareChart } from './charts';

describe('chartSvg', () => {
  it('writes a file that stands alone and escapes its text', () => {
    const text = chartSvg(shareChart('A & B', [{ value: '<x>', count: 1 }], 300));
    expect(text.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
    expect(text).toContain('<title>A &#38; B</title>');
    expect(text).toContain('&#60;x&#62;');
    expect(text).not.toContain('<x>');
  });
});

describe('csvText', () => {
  it('quotes commas, quotes and line breaks only', () => {
    expect(
      csvText(
        ['a', 'b'],
        [
          ['x, "y"', 1],
          [null, 'z'],
        ],
      ),
    ).toBe('a,b\r\n"x, ""y""",1\r\n,z\r\n');
  });
});
