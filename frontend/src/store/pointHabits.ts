import { Observable } from './observable';
import type { PreferenceStore } from './preferences';

/** How this person places points, the same for every face; what is kept for them goes into their preferences. */
export class PointHabits extends Observable {
  #sliding = false;
  readonly #kept = new Map<'plain_dragging' | 'indices', boolean>();

  constructor(
    private readonly preferences: Pick<PreferenceStore, 'get' | 'set' | 'subscribe'> | null = null,
  ) {
    super();
    preferences?.subscribe(() => {
      this.changed();
    });
  }

  /** Only the point that is moved moves; the others stay where they are. */
  get plain(): boolean {
    return this.#get('plain_dragging');
  }

  /** Every point shows its number. */
  get indices(): boolean {
    return this.#get('indices');
  }

  /** Jaw points move along the jaw's curve. Not kept: it is for a moment. */
  get sliding(): boolean {
    return this.#sliding;
  }

  togglePlain(): void {
    this.#set('plain_dragging', !this.plain);
  }

  toggleIndices(): void {
    this.#set('indices', !this.indices);
  }

  toggleSliding(): void {
    this.#sliding = !this.#sliding;
    this.changed();
  }

  #get(name: 'plain_dragging' | 'indices'): boolean {
    return this.preferences?.get(name) ?? this.#kept.get(name) ?? false;
  }

  #set(name: 'plain_dragging' | 'indices', value: boolean): void {
    if (this.preferences) this.preferences.set(name, value);
    else this.#kept.set(name, value);
    this.changed();
  }
}
