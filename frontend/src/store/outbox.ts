import { Problem, sentenceOf } from '../api/problem';
import type { Submitted } from '../api/types';
import type { WorkApi } from '../api/work';
import type { Journal, Pending } from './journal';
import { Observable } from './observable';

/** How long to wait before trying again, in milliseconds, growing with each failure. */
const DELAYS = [1000, 2000, 4000, 8000, 15_000, 30_000];

export interface Answered {
  pending: Pending;
  outcome: { ok: true; submitted: Submitted } | { ok: false; problem: Problem };
}

/** Where timers come from; tests pass their own. */
export interface Clock {
  after(milliseconds: number, run: () => void): () => void;
}

export const realClock: Clock = {
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
};

/**
 * Submissions on their way: each is written to the journal first, then sent in order with its own submission id
 * until the server answers for good. No connection, a restarting server or an expired session only delay it.
 */
export class Outbox extends Observable {
  #queue: Pending[] = [];
  #sending = false;
  #failures = 0;
  #cancelRetry: (() => void) | null = null;
  #stopped = false;

  constructor(
    private readonly api: Pick<WorkApi, 'submit'>,
    private readonly journal: Journal | null,
    private readonly onAnswer: (answered: Answered) => void,
    private readonly clock: Clock = realClock,
  ) {
    super();
  }

  /** Not answered yet. */
  get waiting(): readonly Pending[] {
    return this.#queue;
  }

  /** The last attempt met no server. */
  get isOffline(): boolean {
    return this.#failures > 0;
  }

  holds(item: number): boolean {
    return this.#queue.some((pending) => pending.item === item);
  }

  /** Take up what an earlier page left behind. */
  async recover(user: number): Promise<void> {
    const left = (await this.journal?.pending(user)) ?? [];
    const known = new Set(this.#queue.map((pending) => pending.submission_id));
    this.#queue = [...left.filter((pending) => !known.has(pending.submission_id)), ...this.#queue];
    this.changed();
    void this.#send();
  }

  /** Resolves once the submission is safe in the journal (or there is none); sending goes on by itself. */
  async add(pending: Pending): Promise<void> {
    this.#queue = [...this.#queue, pending];
    this.changed();
    await this.journal?.putPending(pending);
    void this.#send();
  }

  /** Try at once: the connection came back, or the person signed in. */
  retryNow(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    void this.#send();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
  }

  async #send(): Promise<void> {
    if (this.#sending || this.#cancelRetry || this.#stopped) return;
    this.#sending = true;
    try {
      let first = this.#queue[0];
      while (first && (await this.#sendOne(first))) first = this.#queue[0];
    } finally {
      this.#sending = false;
      this.changed();
    }
  }

  /** True if it was answered for good. */
  async #sendOne(pending: Pending): Promise<boolean> {
    let outcome: Answered['outcome'];
    try {
      outcome = { ok: true, submitted: await this.api.submit(pending.item, pending.body) };
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, 'page', sentenceOf(error));
      if (problem.isTemporary || problem.status === 401 || problem.status >= 500) {
        this.#retryLater();
        return false;
      }
      outcome = { ok: false, problem };
    }
    this.#failures = 0;
    await this.journal?.deletePending(pending.submission_id);
    this.#queue = this.#queue.filter((one) => one !== pending);
    this.changed();
    this.onAnswer({ pending, outcome });
    return true;
  }

  #retryLater(): void {
    const delay = DELAYS[Math.min(this.#failures, DELAYS.length - 1)] ?? 30_000;
    this.#failures += 1;
    this.#cancelRetry = this.clock.after(delay, () => {
      this.#cancelRetry = null;
      void this.#send();
    });
    this.changed();
  }
}
