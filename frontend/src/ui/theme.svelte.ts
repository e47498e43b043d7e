/** Which theme a page shows: the person's choice, else dark while labelling and the system's elsewhere. */

import { preferences } from '../store/ownPreferences';
import type { ThemeChoice } from '../store/preferences';
import { observed } from './observed.svelte';

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
const settings = observed(preferences);

class Theme {
  labelling = $state(false);
  #system = $state(systemDark.matches);

  readonly choice = $derived<ThemeChoice>(settings.it.get('theme'));
  readonly shown = $derived<'dark' | 'light'>(
    this.choice !== 'system' ? this.choice : this.labelling || this.#system ? 'dark' : 'light',
  );

  constructor() {
    systemDark.addEventListener('change', (event) => {
      this.#system = event.matches;
    });
  }

  choose(choice: ThemeChoice): void {
    preferences.set('theme', choice);
  }
}

export const theme = new Theme();

/** Keep the attribute that theme.css reads in step with the choice, for as long as the page lives. */
export function followTheme(): void {
  $effect.root(() => {
    $effect(() => {
      document.documentElement.dataset.theme = theme.shown;
    });
  });
}
