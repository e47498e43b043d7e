/** Which theme a page shows: the person's choice, else dark while labelling and the system's elsewhere. */

export type ThemeChoice = 'system' | 'dark' | 'light';

const KEY = 'jfa-theme';
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function stored(): ThemeChoice {
  const value = localStorage.getItem(KEY);
  return value === 'dark' || value === 'light' ? value : 'system';
}

class Theme {
  choice = $state<ThemeChoice>(stored());
  labelling = $state(false);
  #system = $state(systemDark.matches);

  readonly shown = $derived<'dark' | 'light'>(
    this.choice !== 'system' ? this.choice : this.labelling || this.#system ? 'dark' : 'light',
  );

  constructor() {
    systemDark.addEventListener('change', (event) => {
      this.#system = event.matches;
    });
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(KEY, choice);
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
