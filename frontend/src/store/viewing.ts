import { PLAIN, TONE_STEP, withTone, type Tone } from '../model/tone';
import { Observable } from './observable';

/** How this person likes to see photographs; kept in this browser, for each person apart. */
export class Viewing extends Observable {
  tone: Tone = PLAIN;
  /** The sliders are open on the stage. */
  open = false;
  readonly #key: string;

  constructor(
    user: number,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
  ) {
    super();
    this.#key = `jfa-view-${user}`;
    this.#read();
  }

  #read(): void {
    const text = this.storage.getItem(this.#key);
    if (text === null) return;
    let stored: Partial<Record<string, unknown>>;
    try {
      stored = JSON.parse(text) as Partial<Record<string, unknown>>;
    } catch {
      return; // written by something else: the photograph as it is
    }
    const { brightness, contrast, equalise, open } = stored;
    this.tone = withTone(PLAIN, {
      brightness: Number(brightness) || 0,
      contrast: Number(contrast) || 0,
      equalise: equalise === true,
    });
    this.open = open === true;
  }

  #keep(): void {
    try {
      this.storage.setItem(this.#key, JSON.stringify({ ...this.tone, open: this.open }));
    } catch {
      // A full disk keeps nothing; the next page shows photographs as they are.
    }
    this.changed();
  }

  set(change: Partial<Tone>): void {
    this.tone = withTone(this.tone, change);
    this.#keep();
  }

  step(which: 'brightness' | 'contrast', direction: 1 | -1): void {
    this.set({ [which]: this.tone[which] + direction * TONE_STEP });
  }

  /** One key through it: as it is, equalised, as it is again; whatever else was set goes as well. */
  cycle(): void {
    this.set(this.tone.equalise ? PLAIN : { equalise: true });
  }

  reset(): void {
    this.set(PLAIN);
  }

  toggleOpen(): void {
    this.open = !this.open;
    this.#keep();
  }
}
