import { t } from '../i18n';
import { isPlain, toneKey, type Tone } from '../model/tone';
import { Observable } from './observable';
import type { Picture } from './pictures';

/** Makes the picture that this tone shows; the given one stays as it is. */
export type ToneMaker = (picture: Picture, tone: Tone) => Promise<Picture>;

/** The face at hand, the next two, and one to go back to. */
const KEPT = 4;

interface Made {
  key: string;
  /** null while it is being made for the first time. */
  shown: Picture | null;
  busy: boolean;
}

/** Pictures as the chosen tone shows them, made once each; until one is ready the last one that was stays. */
export class TonedPictures extends Observable {
  /** Why the tone could not be shown, in words; null while it can. */
  failure: string | null = null;
  readonly #made = new Map<Picture, Made>();
  /** What is on the screen; failures of pictures that are not concern nobody. */
  #looking: Picture | null = null;

  constructor(private readonly make: ToneMaker) {
    super();
  }

  /** What to draw now. Listeners hear when something better is ready. */
  shown(picture: Picture, tone: Tone): Picture {
    this.#looking = picture;
    if (isPlain(tone)) return picture;
    return this.prepare(picture, tone).shown ?? picture;
  }

  /** See to it that the picture is there in this tone when it is asked for. */
  prepare(picture: Picture, tone: Tone): { readonly shown: Picture | null } {
    const known = this.#made.get(picture);
    const made = known ?? { key: '', shown: null, busy: false };
    this.#made.delete(picture);
    this.#made.set(picture, made); // the one asked for last stays longest
    if (!isPlain(tone) && made.key !== toneKey(tone) && !made.busy) void this.#remake(picture, made, tone);
    this.#drop();
    return made;
  }

  /** One at a time for each picture: of the tones that pass under a slider only the last one waits. */
  async #remake(picture: Picture, made: Made, tone: Tone): Promise<void> {
    made.busy = true;
    const key = toneKey(tone);
    try {
      const next = await this.make(picture, tone);
      if (this.#made.get(picture) === made) {
        made.shown?.release();
        made.shown = next;
        made.key = key;
      } else next.release();
      this.failure = null;
    } catch (error) {
      made.key = key; // not tried again until another tone is asked for
      if (this.#looking === picture) {
        this.failure = t('labelling.pictureAsItIs', {
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
    made.busy = false;
    this.changed();
  }

  #drop(): void {
    for (const [picture, made] of this.#made) {
      if (this.#made.size <= KEPT) return;
      this.#made.delete(picture);
      made.shown?.release();
    }
  }
}
