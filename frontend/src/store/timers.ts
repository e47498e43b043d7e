import type { Clock } from './outbox';

/** The timers of one page: what is planned runs once, and nothing of it after stop. */
export class Timers {
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(private readonly clock: Clock) {}

  after(milliseconds: number, run: () => void): void {
    if (this.#stopped) return;
    const cancel = this.clock.after(milliseconds, () => {
      this.#cancels.delete(cancel);
      run();
    });
    this.#cancels.add(cancel);
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
