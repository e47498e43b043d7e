/** The server speaks English; the sentences that annotators meet have a translation, found by their English. */

import { en } from './en';
import { isTextKey, language, t, type PlainKey } from '.';

interface Pattern {
  key: string;
  names: string[];
  sentence: RegExp;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const patterns: readonly Pattern[] = Object.entries(en.server).map(([key, text]) => {
  const pieces = text.split(/\{\{(\w+)\}\}/);
  return {
    key: `server.${key}`,
    names: pieces.filter((_, place) => place % 2 === 1),
    sentence: new RegExp(`^${pieces.map((one, i) => (i % 2 === 1 ? '(.+?)' : escaped(one))).join('')}$`, 's'),
  };
});

/** Part names and counted things inside a sentence. */
function value(captured: string): string {
  const word = `words.${captured}`;
  if (isTextKey(word)) return t(word as PlainKey);
  return captured.replace(/^(\d+) items? (is|are)$/, '$1');
}

/** A sentence of the server in the reader's language where it is known, else as the server said it. */
export function serverText(sentence: string): string {
  if (language() === 'en') return sentence;
  for (const { key, names, sentence: pattern } of patterns) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    const values = Object.fromEntries(names.map((name, i) => [name, value(found[i + 1] ?? '')]));
    return (t as (known: string, given: object) => string)(key, values);
  }
  return sentence;
}
