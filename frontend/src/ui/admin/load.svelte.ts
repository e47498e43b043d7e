import type { Page } from '../../api/types';

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError';

/**
 * One value read from the API. A newer `load` overtakes an older one that is still under way; what was read last
 * stays visible while it is read again. Not deeply reactive: answers are replaced, never changed in place.
 */
export class Loaded<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  loading = $state(false);
  #abort: AbortController | null = null;
  #read: ((signal: AbortSignal) => Promise<T>) | null = null;

  async load(read: (signal: AbortSignal) => Promise<T>): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#read = read;
    this.loading = true;
    try {
      const value = await read(abort.signal);
      if (this.#abort !== abort) return;
      this.value = value;
      this.error = null;
    } catch (error) {
      if (this.#abort !== abort || isAbort(error)) return;
      this.error = error;
    } finally {
      if (this.#abort === abort) this.loading = false;
    }
  }

  /** Reads again in the same way. */
  async reload(): Promise<void> {
    if (this.#read) await this.load(this.#read);
  }
}

/** A keyset-paged list that grows by "load more"; `first` starts it anew. */
export class Paged<T, P extends Page<T> = Page<T>> {
  rows = $state.raw<T[]>([]);
  /** The answer with what stands beside the rows (totals, facets): only a first page has it; `next` is the newest. */
  page = $state.raw<P | null>(null);
  error = $state.raw<unknown>(null);
  loading = $state(false);
  #abort: AbortController | null = null;
  #read: ((cursor: string | null, signal: AbortSignal) => Promise<P>) | null = null;

  get next(): string | null {
    return this.page?.next ?? null;
  }

  async first(read: (cursor: string | null, signal: AbortSignal) => Promise<P>): Promise<void> {
    this.#read = read;
    await this.#fetch(null);
  }

  async more(): Promise<void> {
    if (this.next && !this.loading) await this.#fetch(this.next);
  }

  async reload(): Promise<void> {
    if (this.#read) await this.#fetch(null);
  }

  async #fetch(cursor: string | null): Promise<void> {
    const read = this.#read;
    if (!read) return;
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.loading = true;
    try {
      const page = await read(cursor, abort.signal);
      if (this.#abort !== abort) return;
      this.rows = cursor === null ? page.results : [...this.rows, ...page.results];
      this.page =
        cursor === null || this.page === null
          ? page
          : { ...this.page, results: page.results, next: page.next };
      this.error = null;
    } catch (error) {
      if (this.#abort !== abort || isAbort(error)) return;
      this.error = error;
    } finally {
      if (this.#abort === abort) this.loading = false;
    }
  }
}

/** An action a person starts: busy while it runs, its error stays until the next try. */
export class Action {
  busy = $state(false);
  error = $state.raw<unknown>(null);

  /** True if it went through. A second start while it runs does nothing. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (error) {
      if (!isAbort(error)) this.error = error;
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** Calls `work` every `ms` while the tab is visible, the next time only after the last one ended; returns a stop. */
export function poll(work: () => Promise<unknown>, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const again = (): void => {
    if (!stopped) timer = setTimeout(() => void tick(), ms);
  };
  const tick = async (): Promise<void> => {
    try {
      if (!document.hidden) await work();
    } finally {
      again();
    }
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
