import { describe, expect, it } from 'vitest';

import { blocksOf, spansOf } from './markdown';

describe('spansOf', () => {
  it('keeps code and strong text apart and shows HTML as text', () => {
    expect(spansOf('SHA `abc`, **not** <b>')).toEqual([
      { kind: 'plain', text: 'SHA ' },
      { kind: 'code', text: 'abc' },
      { kind: 'plain', text: ', ' },
      { kind: 'strong', text: 'not' },
      { kind: 'plain', text: ' <b>' },
    ]);
  });
});

describe('blocksOf', () => {
  it('reads headings, paragraphs over several lines and lists', () => {
    const text = '# A model\n\nOne line\nand its end.\n\n- first\n  goes on\n- second\n## Next';
    expect(blocksOf(text).map((block) => block.kind)).toEqual(['heading', 'paragraph', 'list', 'heading']);
    expect(blocksOf(text)[1]).toEqual({
      kind: 'paragraph',
      spans: [{ kind: 'plain', text: 'One line and its end.' }],
    });
    expect(blocksOf(text)[2]).toEqual({
      kind: 'list',
      items: [[{ kind: 'plain', text: 'first goes on' }], [{ kind: 'plain', text: 'second' }]],
    });
  });
  it('reads a table without its rule', () => {
    const [table] = blocksOf('| faces | n |\n|---|---|\n| all | 12 |\n| 0-12 | – |');
    expect(table).toEqual({
      kind: 'table',
      head: [[{ kind: 'plain', text: 'faces' }], [{ kind: 'plain', text: 'n' }]],
      rows: [
        [[{ kind: 'plain', text: 'all' }], [{ kind: 'plain', text: '12' }]],
        [[{ kind: 'plain', text: '0-12' }], [{ kind: 'plain', text: '–' }]],
      ],
    });
  });
});
