/** Keeps language, keys and what was read of them in step with the person's settings, for as long as the page lives. */

import { createSubscriber } from 'svelte/reactivity';

import {
  chooseLanguage,
  isLanguage,
  language,
  LANGUAGES,
  languageFor,
  onLanguageChange,
  onTextRead,
  type Language,
} from '../i18n';
import { preferences } from '../store/ownPreferences';
import { onKeysChange, onKeysRead, useKeys } from '../tools/keyMap';

const COOKIE = 'jfa_language';
const YEAR = 31_536_000;

onTextRead(createSubscriber((update) => onLanguageChange(update)));
onKeysRead(createSubscriber((update) => onKeysChange(update)));

/** Their choice, else what the sign-in page was shown in, else the browser's. */
function wantedLanguage(): Language {
  const chosen = preferences.get('language');
  if (chosen !== null) return chosen;
  const shown = new RegExp(`(?:^|;\\s*)${COOKIE}=([^;]*)`).exec(document.cookie)?.[1];
  return isLanguage(shown) ? shown : languageFor(navigator.languages);
}

/** For fonts, hyphenation and screen readers here; the cookie for the pages that the server writes. */
function showLanguage(shown: Language): void {
  document.documentElement.lang = LANGUAGES[shown].html;
  if (preferences.get('language') !== null)
    document.cookie = `${COOKIE}=${shown}; path=/; max-age=${YEAR}; samesite=lax`;
}

/** Ready when the texts of the person's language are there. */
export async function followSettings(): Promise<void> {
  let keys = preferences.get('keys');
  useKeys(keys);
  preferences.subscribe(() => {
    if (preferences.get('keys') !== keys) {
      keys = preferences.get('keys');
      useKeys(keys);
    }
    if (wantedLanguage() !== language()) void chooseLanguage(wantedLanguage());
  });
  onLanguageChange(showLanguage);
  // A change of the last moment: the request outlives the page.
  window.addEventListener('pagehide', () => void preferences.send());
  try {
    await chooseLanguage(wantedLanguage());
  } catch {
    showLanguage('en'); // no network for the catalogue: a page in English is better than none
  }
}
