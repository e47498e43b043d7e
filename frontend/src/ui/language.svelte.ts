/** The bridge from the catalogues to Svelte: what read a text is written anew when the language changes. */

import { createSubscriber } from 'svelte/reactivity';

import { LANGUAGES, language, onLanguageChange, onTextRead } from '../i18n';

onTextRead(createSubscriber((update) => onLanguageChange(update)));

/** Keep the page's `lang` in step, for fonts, hyphenation and screen readers. */
export function followLanguage(): void {
  const write = (): void => {
    document.documentElement.lang = LANGUAGES[language()].html;
  };
  write();
  onLanguageChange(write);
}
