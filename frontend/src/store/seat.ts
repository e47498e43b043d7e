import { newUuid } from './ids';
import { Observable } from './observable';
import { seatLock, type LetGo, type SeatLock } from './seatLock';

/** A seat of one person at one dataset's work. */
export const seatName = (user: number, dataset: number): string => `jfa-work-${user}-${dataset}`;

/**
 * One tab at a time works on a dataset for a person. A second tab says that the work is open elsewhere and may take
 * it over: the first tab writes what is unwritten, shows that the work has moved, and may take it back.
 */
export class Seat extends Observable {
  /** 'elsewhere': another tab has it. 'moved': this one had it, and another took it over. */
  state: 'asking' | 'held' | 'elsewhere' | 'moved' = 'asking';
  readonly #lock: SeatLock | null;
  readonly #channel: BroadcastChannel | null;
  #letGo: LetGo | null = null;

  constructor(
    name: string,
    /** Another tab takes over: write what is unwritten and stop. */
    private readonly finish: () => Promise<void>,
    lock?: SeatLock | null,
  ) {
    super();
    const me = newUuid();
    this.#lock = lock === undefined ? seatLock(name, me) : lock;
    this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
    if (this.#channel) {
      this.#channel.onmessage = () => {
        if (this.state === 'held') void this.#giveOver();
      };
    }
  }

  /** Take the seat if it is free. */
  async take(): Promise<boolean> {
    return this.#sit(this.#lock ? await this.#lock.take('now', this.#lost) : () => undefined);
  }

  /** Ask the tab that has it to finish; a tab that does not answer loses it. */
  async takeOver(): Promise<void> {
    this.#to('asking');
    if (await this.take()) return;
    this.#to('asking');
    const soon = this.#lock?.take('soon', this.#lost) ?? Promise.resolve(null);
    this.#channel?.postMessage('give');
    this.#sit((await soon) ?? (await this.#lock?.take('force', this.#lost)) ?? null);
  }

  /** The page is left. */
  leave(): void {
    this.#letGo?.();
    this.#letGo = null;
    this.#channel?.close();
  }

  #sit(letGo: LetGo | null): boolean {
    this.#letGo = letGo;
    this.#to(letGo ? 'held' : 'elsewhere');
    return letGo !== null;
  }

  readonly #lost = (): void => {
    this.#letGo = null;
    void this.#giveOver();
  };

  async #giveOver(): Promise<void> {
    if (this.state === 'moved') return;
    this.#to('moved');
    await this.finish();
    this.#letGo?.();
    this.#letGo = null;
  }

  #to(state: Seat['state']): void {
    this.state = state;
    this.changed();
  }
}
