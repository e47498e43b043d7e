import { Observable } from './observable';
import type { Picture, PictureLoader } from './pictures';

/** A square crop as the server hands it out: `pixels` is the side of its JPEG, `width` that of its region. */
export interface CropSource {
  readonly url: string;
  readonly width: number;
  readonly pixels: number;
}

/** The server makes crops up to this side. */
const LARGEST = 2048;
/** Screen pixels for each pixel at hand from which on more of them can be seen. */
const BLURRED = 1.5;
/** Fewer more pixels than this are not worth a request. */
const WORTH = 1.2;

/** More pixels of the face at hand, fetched when somebody looks closely enough to see them. One face at a time. */
export class SharperPicture extends Observable {
  #crop: CropSource | null = null;
  #picture: Picture | null = null;

  constructor(private readonly load: PictureLoader) {
    super();
  }

  /** The finer picture of this crop, if it is there. */
  of(crop: CropSource): Picture | null {
    return this.#crop === crop ? this.#picture : null;
  }

  /** Somebody looks at this crop with `scale` screen pixels for each pixel of the photograph. */
  look(crop: CropSource, scale: number): void {
    const pixels = Math.min(LARGEST, Math.floor(crop.width));
    const isBlurred = crop.width * scale > BLURRED * crop.pixels;
    if (this.#crop !== crop) this.drop();
    if (this.#crop === crop || !isBlurred || pixels < WORTH * crop.pixels) return;
    this.#crop = crop;
    void this.#fetch(crop, crop.url.replace(/([?&]pixels=)[\d.]+/, `$1${pixels}`));
  }

  async #fetch(crop: CropSource, url: string): Promise<void> {
    try {
      const loaded = await this.load(url);
      if (this.#crop !== crop) {
        loaded.release();
        return;
      }
      this.#picture = loaded;
      this.changed();
    } catch {
      // The coarser picture stays on the screen; the next look asks again.
      if (this.#crop === crop) this.#crop = null;
    }
  }

  /** Another face, or the page is left. */
  drop(): void {
    this.#crop = null;
    this.#picture?.release();
    this.#picture = null;
  }
}
