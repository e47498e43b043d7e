import { afterAll, describe, expect, it } from 'vitest';

import { chooseLanguage, isTextKey, languageFor, t } from '.';
import { en } from './en';
import { catalogues as zh } from './zh-CN';

type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const flat = (catalogues: Texts): Map<string, string> =>
  new Map(
    Object.entries(catalogues).flatMap(([area, texts]) =>
      Object.entries(texts).map(([key, text]) => [`${area}.${key}`, text] as const),
    ),
  );
const english = flat(en);
const chinese = flat(zh);
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{([^},]+)/g)].map((match) => match[1] ?? '').sort();

describe('catalogues', () => {
  afterAll(() => chooseLanguage('en'));

  it('it_has_the_same_keys_in_every_language', () => {
    const wanted = [...english.keys()].filter((key) => !key.endsWith('_one'));
    expect([...chinese.keys()].sort()).toEqual(wanted.sort());
  });

  it('it_has_both_english_forms_of_every_plural', () => {
    const bases = [...english.keys()]
      .filter((key) => /_(one|other)$/.test(key))
      .map((key) => key.replace(/_\w+$/, ''));
    for (const base of bases)
      expect([english.has(`${base}_one`), english.has(`${base}_other`)]).toEqual([true, true]);
  });

  it('it_keeps_the_placeholders_of_each_sentence', () => {
    for (const [key, text] of chinese) {
      expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key) ?? '')]);
    }
  });

  it('it_has_no_empty_text', () => {
    for (const [key, text] of [...english, ...chinese])
      expect([key, text.trim() === '']).toEqual([key, false]);
  });

  it('it_leaves_no_english_sentence_in_the_chinese_catalogue', () => {
    const left = [...chinese].filter(([, text]) => {
      const words = text.replaceAll(/\{\{[^}]*\}\}/g, ' ').match(/[A-Za-z]{2,}/g) ?? [];
      return words.length > 3 && !/[\u4e00-\u9fff]/.test(text);
    });
    expect(left).toEqual([]);
  });

  it('it_names_only_a_plural_with_an_underscore', () => {
    const own = [...english.keys()].filter((key) => !/^classes\./.test(key));
    expect(own.filter((key) => /_(?!one$|other$)/.test(key))).toEqual([]);
  });

  it('it_speaks_the_chosen_language_with_its_own_plurals', async () => {
    expect([t('common.ages', { count: 1 }), t('common.ages', { count: 1200 })]).toEqual([
      '1 year',
      '1,200 years',
    ]);
    await chooseLanguage('zh-CN');
    expect([t('common.ages', { count: 1 }), t('common.cancel')]).toEqual(['1 岁', '取消']);
  });

  it('it_knows_which_keys_exist', () => {
    expect([isTextKey('common.cancel'), isTextKey('common.nothing')]).toEqual([true, false]);
  });

  it('it_takes_the_first_language_of_the_browser_that_it_has', () => {
    expect(languageFor(['fr-FR', 'zh-Hans-CN', 'en'])).toBe('zh-CN');
    expect(languageFor(['en-GB', 'zh-CN'])).toBe('en');
    expect(languageFor(['de'])).toBe('en');
  });
});
