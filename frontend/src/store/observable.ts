/** Something that tells listeners when it changed. Svelte pages and canvases listen; the store knows neither. */
export class Observable {
  #listeners = new Set<() => void>();

  /** Returns how to stop listening. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  protected changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
