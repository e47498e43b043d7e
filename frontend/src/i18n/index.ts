/**
 * What a person reads, in their language. `t` is plain TypeScript: model, store, tools and components all ask it.
 * English is part of the bundle; other languages are fetched when somebody chooses them.
 */

import i18next from 'i18next';

import { en } from './en';
import type { TextKey, Values } from './types';

export type { PlainKey, TextKey, Translated } from './types';

export const LANGUAGES = {
  en: { name: 'English', html: 'en' },
  'zh-CN': { name: '简体中文', html: 'zh-Hans' },
} as const;

export type Language = keyof typeof LANGUAGES;

const loaders: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ catalogues: object }>>> = {
  'zh-CN': () => import('./zh-CN'),
};

const texts = i18next.createInstance();
void texts.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  initAsync: false,
  // Svelte escapes what it writes into a page.
  interpolation: { escapeValue: false },
});

let noteRead: () => void = () => undefined;
const listeners = new Set<(language: Language) => void>();

/** How the framework learns that a text was read, so that it can be written anew in another language. */
export function onTextRead(note: () => void): void {
  noteRead = note;
}

/** Returns how to stop listening. */
export function onLanguageChange(listener: (language: Language) => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function language(): Language {
  noteRead();
  return texts.language as Language;
}

/** What Intl writes dates in; English ones day first. */
export const dateLocale = (): string => (language() === 'en' ? 'en-GB' : language());

/** The text of a key; plural sentences choose their form by `count`. */
export function t<T extends TextKey>(key: T, ...values: Values<T>): string {
  noteRead();
  return texts.t(key, values[0] ?? {});
}

/** True for keys made from data (a class of a policy, a code of the server) that the catalogues know. */
export function isTextKey(key: string): key is TextKey {
  return texts.exists(key, { lng: 'en' });
}

/** Fetch the language's texts if need be and write everything in it. */
export async function chooseLanguage(chosen: Language): Promise<void> {
  if (chosen !== 'en' && !texts.hasResourceBundle(chosen, 'translation')) {
    const { catalogues } = await loaders[chosen]();
    texts.addResourceBundle(chosen, 'translation', catalogues);
  }
  await texts.changeLanguage(chosen);
  for (const listener of [...listeners]) listener(chosen);
}

export function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && value in LANGUAGES;
}

/** The first of a browser's languages that there is a catalogue of, else English. */
export function languageFor(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

export { serverText } from './serverText';
