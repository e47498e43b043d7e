import type { Language } from '../i18n';
import { Observable } from './observable';

export type ThemeChoice = 'system' | 'dark' | 'light';

/** How the photograph is shown; 0 and false: as it is. */
export interface PictureAdjustment {
  brightness: number;
  contrast: number;
  equalise: boolean;
}

/** What a person has set up for themselves, with the names of the API. */
export interface Preferences {
  /** Null: the browser's. */
  language: Language | null;
  theme: ThemeChoice;
  /** Own keys by command id, as tools/keyMap reads them. */
  keys: Readonly<Record<string, string>>;
  plain_dragging: boolean;
  indices: boolean;
  picture: Readonly<PictureAdjustment>;
  guide_open: boolean;
}

const USUAL: Preferences = {
  language: null,
  theme: 'system',
  keys: {},
  plain_dragging: false,
  indices: false,
  picture: { brightness: 0, contrast: 0, equalise: false },
  guide_open: false,
};

export interface PreferencesApi {
  fetch(): Promise<Partial<Preferences>>;
  /** Null takes a setting back to the usual one. */
  change(values: Partial<Preferences>): Promise<unknown>;
}

/** What of localStorage is needed; null where the browser has none. */
export type KeptText = Pick<Storage, 'getItem' | 'setItem'>;

interface Kept {
  user: number | null;
  values: Partial<Preferences>;
  /** Names of what the server does not know yet. */
  unsent: (keyof Preferences)[];
}

const KEY = 'jfa-preferences';
const SEND_AFTER = 400;

function keptIn(storage: KeptText | null): Kept {
  try {
    const read = JSON.parse(storage?.getItem(KEY) ?? 'null') as Partial<Kept> | null;
    return { user: read?.user ?? null, values: read?.values ?? {}, unsent: read?.unsent ?? [] };
  } catch {
    return { user: null, values: {}, unsent: [] }; // blocked storage, or written by another version
  }
}

/**
 * A person's settings. They live on the server, so that they follow the person; this browser keeps a copy, so that a
 * page is painted in the right theme and language at once and works on without network.
 */
export class PreferenceStore extends Observable {
  #kept: Kept;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly storage: KeptText | null,
    private readonly api: PreferencesApi,
  ) {
    super();
    this.#kept = keptIn(storage);
  }

  get<K extends keyof Preferences>(name: K): Preferences[K] {
    return this.#kept.values[name] ?? USUAL[name];
  }

  set<K extends keyof Preferences>(name: K, value: Preferences[K]): void {
    this.#kept = {
      ...this.#kept,
      values: { ...this.#kept.values, [name]: value },
      unsent: [...new Set([...this.#kept.unsent, name])],
    };
    this.#keep();
    this.changed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.send(), SEND_AFTER);
  }

  /** The signed-in person's settings; what this browser could not send yet goes before the server's. */
  async load(user: number): Promise<void> {
    const isTheirs = this.#kept.user === user || this.#kept.user === null;
    const unsent = isTheirs ? this.#kept.unsent : [];
    const own = Object.fromEntries(unsent.map((name) => [name, this.#kept.values[name]]));
    if (!isTheirs) this.#kept = { user, values: {}, unsent: [] };
    const found = await this.api.fetch();
    this.#kept = { user, values: { ...found, ...own }, unsent };
    this.#keep();
    this.changed();
    if (unsent.length > 0) await this.send();
  }

  /** What the server does not know yet. A refused or lost change stays here and is sent with the next. */
  async send(): Promise<void> {
    clearTimeout(this.#timer);
    const { unsent, values, user } = this.#kept;
    if (user === null || unsent.length === 0) return;
    try {
      await this.api.change(Object.fromEntries(unsent.map((name) => [name, values[name]])));
    } catch {
      return; // kept in this browser; the next change or page sends it
    }
    const isStill = (name: keyof Preferences): boolean => this.#kept.values[name] === values[name];
    this.#kept = { ...this.#kept, unsent: this.#kept.unsent.filter((name) => !isStill(name)) };
    this.#keep();
  }

  #keep(): void {
    try {
      this.storage?.setItem(KEY, JSON.stringify(this.#kept));
    } catch {
      // full or blocked storage: the server still has them
    }
  }
}
