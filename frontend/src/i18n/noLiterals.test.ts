import { parse } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';

/** Pages of annotators; admin pages are English. */
const PAGES: Readonly<Record<string, string>> = import.meta.glob(
  ['../ui/{labelling,home,questions}/**/*.svelte', '../ui/{App,AppBar,AccountMenu,SignInDialog}.svelte'],
  { query: '?raw', import: 'default', eager: true },
);

/** Names, keys and formats that are the same in every language. */
const SAME_EVERYWHERE = /^(JFA Studio|F6|Esc|Del|Space|Enter|Tab|IoU|px|NME|Authorization: Bearer …)$/;
/** Attributes that people read or hear. */
const READ =
  /^(title|label|alt|placeholder|message|explanation|verb|hint|caption|empty|primary|aria-(label|valuetext|description|roledescription|placeholder))$/;

interface Node {
  type?: string;
  name?: string;
  data?: string;
  value?: unknown;
  [child: string]: unknown;
}

const isWords = (text: string): boolean => /[A-Za-z]{2,}/.test(text) && !SAME_EVERYWHERE.test(text.trim());
/** A string of the script that can only be for people: a capital, a space, words. */
const isSentence = (text: string): boolean => /^[A-Z][a-z]+[ ,].*[a-z]{2}/.test(text) && isWords(text);

/** Texts below a node of the syntax tree that a person would read as they stand. */
function literals(node: unknown, found: string[] = []): string[] {
  if (Array.isArray(node)) for (const one of node) literals(one, found);
  else if (typeof node === 'object' && node !== null) {
    const { type, name, data, value } = node as Node;
    if (type === 'StyleSheet' || type === 'StyleDirective') return found;
    if (type === 'Attribute' && name === 'style') return found;
    if (type === 'Attribute') {
      const pieces = Array.isArray(value) ? (value as Node[]) : [value as Node];
      if (READ.test(name ?? '')) {
        for (const piece of pieces)
          if (piece.type === 'Text' && isWords(piece.data ?? '')) found.push(`${name}="${piece.data}"`);
      }
      literals(
        pieces.filter((piece) => piece?.type !== 'Text'),
        found,
      );
      return found;
    }
    if (type === 'Text' && isWords(data ?? '')) found.push((data ?? '').trim());
    if (type === 'Literal' && typeof value === 'string' && isSentence(value)) found.push(value);
    if (type === 'TemplateElement') {
      const { cooked } = value as { cooked: string };
      if (isSentence(cooked)) found.push(cooked);
    }
    if (type === 'ImportDeclaration' || type === 'ThrowStatement') return found;
    for (const [key, child] of Object.entries(node))
      if (!/^(css|parent|metadata|loc)$/.test(key)) literals(child, found);
  }
  return found;
}

describe('pages of annotators', () => {
  it('it_finds_what_it_is_for', () => {
    const page = `<script>const a = 'Words here';</script><p title="Save it">Hello you {x}</p>`;
    expect(literals(parse(page, { modern: true }))).toHaveLength(3);
  });

  it('it_reads_every_page', () => {
    expect(Object.keys(PAGES).length).toBeGreaterThan(40);
  });

  it.each(Object.keys(PAGES))('it_leaves_no_text_outside_the_catalogues %s', (file) => {
    expect(literals(parse(PAGES[file] ?? '', { modern: true }))).toEqual([]);
  });
});
