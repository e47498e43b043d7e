import type { Item } from '../api/types';
import { Observable } from './observable';
import type { Picture, PictureLoader } from './pictures';

/** The photograph at hand, those of the next faces, and one to go back to. */
const KEPT = 4;

/** Where the small picture of an item's whole photograph is. */
export function contextUrl(item: Pick<Item, 'image'>): string {
  return item.image.url.replace(/([?&]side=)\d+/, '$1256');
}

type State = { picture: Picture } | 'loading' | 'failed';

/** Whole photographs, small, loaded once each although several faces are on one, and before they are shown. */
export class ContextPictures extends Observable {
  readonly #states = new Map<string, State>();

  constructor(private readonly load: PictureLoader) {
    super();
  }

  /** The address of its bytes; null while they come, or where they did not. */
  address(url: string): string | null {
    this.prepare(url);
    const state = this.#states.get(url);
    return typeof state === 'object' ? state.picture.address : null;
  }

  hasFailed(url: string): boolean {
    return this.#states.get(url) === 'failed';
  }

  prepare(url: string): void {
    const known = this.#states.get(url);
    if (known) this.#states.delete(url);
    this.#states.set(url, known ?? 'loading'); // the one asked for last stays longest
    if (!known) void this.#fetch(url);
    for (const [old, state] of this.#states) {
      if (this.#states.size <= KEPT) break;
      this.#states.delete(old);
      if (typeof state === 'object') state.picture.release();
    }
  }

  async #fetch(url: string): Promise<void> {
    let state: State;
    try {
      state = { picture: await this.load(url) };
    } catch {
      state = 'failed'; // said where the photograph would be
    }
    if (this.#states.has(url)) this.#states.set(url, state);
    else if (typeof state === 'object') state.picture.release();
    this.changed();
  }
}
