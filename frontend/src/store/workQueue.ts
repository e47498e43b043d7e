import { Problem, sentenceOf } from '../api/problem';
import type { Item, KindCounts, PassKind, Policy } from '../api/types';
import type { WorkApi } from '../api/work';
import { heldAtMost, REFILL_BELOW } from '../model/ahead';
import { Day, NOTHING } from './day';
import { FaceSession } from './faceSession';
import type { Journal, Pending } from './journal';
import { holdTakenBack, LastFace } from './lastFace';
import { Notices } from './notices';
import { Observable } from './observable';
import { Outbox, realClock, type Answered, type Clock } from './outbox';
import type { PictureLoader } from './pictures';
import { draftOf, meetRefusal } from './refusal';
import { entryFor, holdItem, pictureUrl, type EntryTools, type WorkEntry } from './workEntry';

const LOOK_AGAIN = 20_000;

export interface QueueOptions {
  api: WorkApi;
  journal: Journal | null;
  loadPicture: PictureLoader;
  dataset: number;
  user: number;
  policy: Policy;
  /** Only these kinds of work; null: whatever is most urgent. */
  kinds: PassKind[] | null;
  clock?: Clock;
}

export interface SaveState {
  word: 'Saved' | 'Saving' | 'Offline';
  /** Submissions and drafts that the server does not have yet. */
  waiting: number;
}

/** The work of one person on one dataset: what is held, what is sent, what comes next. */
export class WorkQueue extends Observable {
  readonly outbox: Outbox;
  status: 'starting' | 'working' | 'empty' | 'failed' = 'starting';
  failure: string | null = null;
  noneReason: string | null = null;
  waiting: KindCounts = NOTHING;
  blocked = 0;
  readonly day = new Day();
  readonly last = new LastFace();
  readonly notices = new Notices(() => {
    this.changed();
  });
  #entries: readonly WorkEntry[] = [];
  /** Sent but not answered, by submission id: a refusal brings them back. */
  #sent = new Map<string, WorkEntry>();
  #claiming = false;
  #stopped = false;
  #timers = new Set<() => void>();
  readonly #clock: Clock;
  readonly #tools: EntryTools;

  constructor(private readonly options: QueueOptions) {
    super();
    this.#clock = options.clock ?? realClock;
    this.#tools = {
      ...options,
      clock: this.#clock,
      onChange: () => {
        this.changed();
      },
    };
    this.outbox = new Outbox(
      options.api,
      options.journal,
      (answered) => {
        this.#answered(answered);
      },
      this.#clock,
    );
    this.outbox.subscribe(() => {
      this.changed();
    });
  }

  /** Work survives this tab even without a connection. */
  get hasJournal(): boolean {
    return this.options.journal !== null;
  }

  get current(): WorkEntry | null {
    return this.#entries[0] ?? null;
  }

  get ahead(): readonly WorkEntry[] {
    return this.#entries.slice(1);
  }

  get saveState(): SaveState {
    const drafts = this.#entries.filter((entry) => entry.keeper.isUnsaved);
    const waiting = this.outbox.waiting.length + drafts.length;
    const offline = this.outbox.isOffline || drafts.some((entry) => entry.keeper.isOffline);
    return { word: offline ? 'Offline' : waiting > 0 ? 'Saving' : 'Saved', waiting };
  }

  /** Send what an earlier page left, claim the first items, keep the leases alive until stop. */
  async start(): Promise<void> {
    await this.outbox.recover(this.options.user);
    this.#beat();
    await Promise.all([this.refill(), this.#countToday()]);
  }

  async #countToday(): Promise<void> {
    try {
      const mine = await this.options.api.mine(this.options.dataset);
      this.day.read(mine);
      this.last.item ??= mine.results[0]?.item ?? null;
      this.changed();
    } catch (error) {
      this.notices.add(`Today's count could not be read. ${sentenceOf(error)}`);
    }
  }

  // ---- claiming

  /** Claim more if few are left. */
  async refill(): Promise<void> {
    if (this.#claiming || this.#stopped || this.ahead.length >= REFILL_BELOW) return;
    this.#claiming = true;
    try {
      await this.#claim();
    } catch (error) {
      if (this.#entries.length === 0) {
        this.status = 'failed';
        this.failure = sentenceOf(error);
      }
      this.#later(error instanceof Problem && error.isTemporary ? 5000 : LOOK_AGAIN);
    } finally {
      this.#claiming = false;
      this.changed();
    }
  }

  async #claim(): Promise<void> {
    const { api, dataset, kinds } = this.options;
    const have = [
      ...this.#entries.map((entry) => entry.session.item.id),
      ...this.outbox.waiting.map((pending) => pending.item),
    ];
    const claimed = await api.claim(dataset, heldAtMost(this.waiting) - this.#entries.length, have, kinds);
    const entries = await Promise.all(
      claimed.items.filter((item) => !have.includes(item.id)).map((item) => this.#hold(item)),
    );
    if (this.#stopped) {
      for (const entry of entries) this.#giveBack(entry);
      return;
    }
    this.#entries = [...this.#entries, ...entries];
    this.waiting = claimed.waiting;
    this.blocked = claimed.blocked ?? 0;
    this.noneReason = claimed.none_reason;
    this.failure = null;
    this.status = this.#entries.length > 0 ? 'working' : 'empty';
    if (this.status === 'empty') this.#later(LOOK_AGAIN);
  }

  async #hold(item: Item): Promise<WorkEntry> {
    const entry = await holdItem(item, this.#tools);
    void this.#decode(entry);
    return entry;
  }

  /** Load the picture, so that showing the item later only draws it. */
  async #decode(entry: WorkEntry): Promise<void> {
    try {
      entry.picture = await this.options.loadPicture(pictureUrl(entry.session.item));
      entry.pictureFailure = null;
    } catch (error) {
      entry.pictureFailure = `The photograph could not be loaded. ${sentenceOf(error)}`;
    }
    this.changed();
  }

  /** After a picture failed to load. */
  reloadPicture(): void {
    if (this.current) void this.#decode(this.current);
  }

  #later(milliseconds: number): void {
    this.#timer(milliseconds, () => {
      void this.refill();
    });
  }

  // ---- leaving the current item

  /** Send the current item and show the next one at once; a refusal brings it back. */
  async submitCurrent(reason?: string): Promise<void> {
    const entry = this.current;
    if (!entry) return;
    const { session, keeper } = entry;
    const body = session instanceof FaceSession ? session.submission(reason) : session.submission();
    const pending: Pending = {
      submission_id: body.submission_id,
      user: this.options.user,
      dataset: this.options.dataset,
      item: session.item.id,
      kind: session.item.kind,
      body,
      created_at: new Date().toISOString(),
      sequence: keeper.sequence,
    };
    keeper.close();
    this.#sent.set(pending.submission_id, entry);
    this.day.count(session.item.kind, 1);
    this.last.submitted(session.item.id);
    // First into the outbox, then on: the next claim must know that this item is on its way.
    const stored = this.outbox.add(pending);
    this.#advance();
    await stored;
  }

  /** Give the current item to others, with the reason. */
  async skipCurrent(reason: string): Promise<void> {
    const entry = this.current;
    if (!entry) return;
    const { item } = entry.session;
    entry.keeper.close();
    this.#advance();
    await this.options.journal?.deleteDraft(this.options.user, item.id);
    try {
      await this.options.api.skip(item.id, item.lease.token, reason);
    } catch (error) {
      this.notices.add(`The skipped item ${item.id} stays yours until its lease ends. ${sentenceOf(error)}`);
    }
    entry.picture?.release();
  }

  /** After a lost lease: leave the item to the other person. */
  async dropCurrent(): Promise<void> {
    const entry = this.current;
    if (!entry) return;
    entry.keeper.close();
    this.#advance();
    entry.picture?.release();
    await this.options.journal?.deleteDraft(this.options.user, entry.session.item.id);
  }

  /** The restored draft of the current item is not wanted. */
  discardDraft(): void {
    this.current?.session.discardDraft();
  }

  #advance(): void {
    this.#entries = this.#entries.slice(1);
    if (this.#entries.length === 0) this.status = 'starting';
    this.changed();
    void this.refill();
  }

  /** Go back to a face, by default the last one, that was submitted and that nobody has gone on with. */
  async goBack(item = this.last.item): Promise<void> {
    if (item === null) {
      this.notices.add('You have not submitted anything here that you could go back to.');
      return;
    }
    if (this.#entries.some((entry) => entry.session.item.id === item)) return;
    if (this.outbox.holds(item)) {
      this.last.wanted = true;
      return;
    }
    try {
      const entry = await holdTakenBack(await this.options.api.takeBack(item), this.#tools);
      this.day.count(entry.session.item.kind, -1);
      this.#entries = [entry, ...this.#entries];
      this.status = 'working';
      void this.#decode(entry);
    } catch (error) {
      this.notices.add(sentenceOf(error));
    }
    this.changed();
  }

  // ---- answers

  #answered({ pending, outcome }: Answered): void {
    const entry = this.#sent.get(pending.submission_id);
    this.#sent.delete(pending.submission_id);
    if (outcome.ok) {
      if (outcome.submitted.kept_as === 'side') this.notices.add(outcome.submitted.message);
      entry?.picture?.release();
      if (this.last.arrived(pending.item)) void this.goBack(pending.item);
    } else {
      this.day.count(pending.kind, -1);
      this.#refused(pending, outcome.problem, entry);
    }
    if (this.#entries.length === 0) void this.refill();
    this.changed();
  }

  /** What can be solved comes back; the rest is said once and stays until read. */
  #refused(pending: Pending, problem: Problem, entry: WorkEntry | undefined): void {
    const solvable = problem.code === 'stale_base' || problem.status === 422;
    if (entry && solvable) {
      meetRefusal(entry.session, problem);
      this.#takeBack(entry);
    } else if (solvable || problem.code === 'lease_lost') {
      void this.#keepAsDraft(pending, problem);
    } else this.notices.add(`Item ${pending.item} was not saved. ${problem.message}`);
    if (!solvable) entry?.picture?.release();
  }

  #takeBack(sent: WorkEntry): void {
    const entry = { ...entryFor(sent.session, sent.keeper.sequence, this.#tools), picture: sent.picture };
    entry.keeper.note();
    const [current, ...rest] = this.#entries;
    const busy = current?.session.isDirty === true;
    this.#entries = current && busy ? [current, entry, ...rest] : [entry, ...this.#entries];
    this.status = 'working';
    if (busy) this.notices.add('A face that you sent was refused; it comes back as the next one.');
  }

  /** Refused for now: the work becomes the draft with which the item is handed out again. */
  async #keepAsDraft(pending: Pending, problem: Problem): Promise<void> {
    await this.options.journal?.putDraft(draftOf(pending));
    this.notices.add(`Item ${pending.item}: ${problem.message} Your work on it is kept as its draft.`);
    void this.refill();
  }

  // ---- leases

  #beat(): void {
    this.#timer((this.options.policy.lease_minutes * 60_000) / 5, () => {
      void this.heartbeat().finally(() => {
        this.#beat();
      });
    });
  }

  /** Renew every lease; also when the page was asleep and comes back. */
  async heartbeat(): Promise<void> {
    const leases = this.#entries.map(({ session: { item } }) => ({ item: item.id, token: item.lease.token }));
    if (leases.length === 0) return;
    try {
      const { lost } = await this.options.api.heartbeat(leases);
      if (lost.length > 0) this.#lost(new Set(lost));
    } catch (error) {
      // A missed beat is harmless: a lease lasts several of them, and a submit after its end is still taken.
      if (!(error instanceof Problem)) throw error;
    }
  }

  #lost(items: Set<number>): void {
    this.#entries = this.#entries.filter((entry, place) => {
      if (!items.has(entry.session.item.id)) return true;
      if (place === 0 || entry.session.isDirty) {
        entry.session.loseLease();
        return true;
      }
      entry.picture?.release();
      return false;
    });
    this.changed();
    void this.refill();
  }

  // ---- leaving the page

  /** Write the drafts now (the tab is hidden or closing). */
  async flush(): Promise<void> {
    await Promise.all(this.#entries.map((entry) => entry.keeper.flush()));
  }

  /** Leave the page: drafts are written, untouched items go back to the others. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cancel of this.#timers) cancel();
    const entries = this.#entries;
    await this.flush();
    this.outbox.stop();
    for (const entry of entries) this.#giveBack(entry);
  }

  #giveBack(entry: WorkEntry): void {
    const { item, isDirty } = entry.session;
    entry.keeper.close();
    entry.picture?.release();
    if (!isDirty) {
      this.options.api.release(item.id, item.lease.token).catch(() => {
        // Nobody is left to tell; the lease ends by itself.
      });
    }
  }

  #timer(milliseconds: number, run: () => void): void {
    const cancel = this.#clock.after(milliseconds, () => {
      this.#timers.delete(cancel);
      if (!this.#stopped) run();
    });
    this.#timers.add(cancel);
  }
}
