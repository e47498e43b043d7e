import { onDestroy } from 'svelte';
import { api } from '../../api/client';
import { Loaded, poll } from './load.svelte';

interface Computed {
  as_of: string | null;
  is_computing: boolean;
}

/** A report that the server computes beside the requests: read again every second while it is being computed. */
export class ComputedReport<T extends Computed> extends Loaded<T> {
  #path = '';

  constructor() {
    super();
    onDestroy(
      poll(async () => {
        if (this.value?.is_computing) await this.reload();
      }, 1000),
    );
  }

  async open(path: string): Promise<void> {
    this.#path = path;
    await this.load((signal) => api.get<T>(path, { signal }));
  }

  /** Has it computed again; what was read stays visible until then. */
  async refresh(): Promise<void> {
    await api.post<T>(this.#path);
    await this.reload();
  }
}
