import { Observable } from './observable';

/** How a hand moves points; the same for every face, until the person changes it. */
export class DragMode extends Observable {
  #plain = false;
  #sliding = false;

  /** Only the point itself moves; the others stay where they are. */
  get plain(): boolean {
    return this.#plain;
  }

  /** Jaw points move along the jaw's curve. */
  get sliding(): boolean {
    return this.#sliding;
  }

  setPlain(plain: boolean): void {
    this.#plain = plain;
    this.changed();
  }

  setSliding(sliding: boolean): void {
    this.#sliding = sliding;
    this.changed();
  }
}
