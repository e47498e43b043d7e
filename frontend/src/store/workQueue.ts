import { Problem, sentenceOf } from '../api/problem';
import type { KindCounts, PassKind, Policy } from '../api/types';
import type { WorkApi } from '../api/work';
import { DECODED, heldAtMost, lackingOn, REFILL_BELOW, type Screen } from '../model/ahead';
import { t } from '../i18n';
import { Day, NOTHING } from './day';
import type { Journal, Pending } from './journal';
import { holdTakenBack, LastFace } from './lastFace';
import { newUuid } from './ids';
import { Leases, stillHere, withoutSurplus } from './leases';
import { Notices } from './notices';
import { Observable } from './observable';
import { Outbox, realClock, type Answered, type Clock } from './outbox';
import { PicturesAhead } from './pictureAhead';
import type { PictureLoader } from './pictures';
import { draftOf, endOf, meetRefusal, nameOf, refusedSentence } from './refusal';
import { saveStateOf, type SaveState } from './saveState';
import { pendingOf, subjectOf } from './sending';
import { Timers } from './timers';
import { entryFor, giveBack, holdItem, letGo, type EntryTools, type WorkEntry } from './workEntry';

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

/** The work of one person on one dataset: what is held, what is sent, what comes next. */
export class WorkQueue extends Observable {
  readonly outbox: Outbox;
  /** 'offline': everything held is done, and nothing more can be fetched. */
  status: 'starting' | 'working' | 'empty' | 'offline' | 'failed' = 'starting';
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
  #screen: Screen | null = null;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #leases: Leases;
  readonly #tools: EntryTools;
  readonly #pictures: PicturesAhead;

  constructor(private readonly options: QueueOptions) {
    super();
    this.#clock = options.clock ?? realClock;
    this.#timers = new Timers(this.#clock);
    this.#leases = new Leases(
      options.api,
      () => this.#entries,
      (items) => {
        this.#lost(items);
      },
      this.#timers,
      options.policy.lease_minutes,
    );
    this.#pictures = new PicturesAhead(options.loadPicture, () => {
      this.changed();
    });
    this.#tools = {
      ...options,
      writer: newUuid(),
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

  get current(): WorkEntry | null {
    return this.#entries[0] ?? null;
  }

  get ahead(): readonly WorkEntry[] {
    return this.#entries.slice(1);
  }

  /** Everything held, the current item first. */
  get held(): readonly WorkEntry[] {
    return this.#entries;
  }

  get saveState(): SaveState {
    return saveStateOf(this.outbox, this.#entries);
  }

  /** Send what an earlier page left, claim the first items, keep the leases alive until stop. */
  async start(): Promise<void> {
    await this.outbox.recover(this.options.user);
    this.#leases.start();
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

  /** Hold what a screen shows together; null: only a few items ahead again, and untouched ones beyond go back. */
  show(screen: Screen | null): void {
    if (this.#stopped) return;
    this.#screen = screen;
    if (!screen) this.#entries = withoutSurplus(this.#entries, heldAtMost(this.waiting), this.options.api);
    this.#prepare();
    void this.refill();
  }

  /** These first, in this order, for when they are worked on one by one. */
  bringForward(entries: readonly WorkEntry[]): void {
    const first = entries.filter((entry) => this.#entries.includes(entry));
    this.#entries = [...first, ...this.#entries.filter((entry) => !first.includes(entry))];
    this.#prepare();
    this.changed();
  }

  /** How many more to hold. */
  #wanted(): number {
    if (!this.#screen)
      return this.ahead.length >= REFILL_BELOW ? 0 : heldAtMost(this.waiting) - this.#entries.length;
    return lackingOn(
      this.#screen,
      this.#entries.map((entry) => entry.session.item),
    );
  }

  /** Claim more if few are left. */
  async refill(): Promise<void> {
    if (this.#claiming || this.#stopped || this.#wanted() <= 0) return;
    this.#claiming = true;
    try {
      let came = await this.#claim();
      while (came > 0 && this.#screen && this.#wanted() > 0) came = await this.#claim();
    } catch (error) {
      const isCut = error instanceof Problem && error.isTemporary;
      if (this.#entries.length === 0) {
        this.status = isCut && this.last.item !== null ? 'offline' : 'failed';
        this.failure = sentenceOf(error);
      }
      this.#later(isCut ? 5000 : LOOK_AGAIN);
    } finally {
      this.#claiming = false;
      this.changed();
    }
  }

  /** Returns how many came. */
  async #claim(): Promise<number> {
    const { api, dataset } = this.options;
    const kinds = this.#screen?.kinds ?? this.options.kinds;
    const have = [
      ...this.#entries.map((entry) => entry.session.item.id),
      ...this.outbox.waiting.map((pending) => pending.item),
    ];
    const claimed = await api.claim(dataset, this.#wanted(), have, kinds);
    const entries = await Promise.all(
      claimed.items.filter((item) => !have.includes(item.id)).map((item) => holdItem(item, this.#tools)),
    );
    if (this.#stopped) {
      for (const entry of entries) giveBack(entry, this.options.api);
      return 0;
    }
    this.#entries = [...this.#entries, ...entries];
    this.#prepare();
    this.waiting = claimed.waiting;
    this.blocked = claimed.blocked ?? 0;
    this.noneReason = claimed.none_reason;
    this.failure = null;
    this.status = this.#entries.length > 0 ? 'working' : 'empty';
    if (this.status === 'empty') this.#later(LOOK_AGAIN);
    return entries.length;
  }

  /** A screenful shows small copies: only single items need their pictures decoded. */
  #prepare(): void {
    if (!this.#screen) this.#pictures.prepare(this.#entries.slice(0, DECODED));
  }

  /** After a picture failed to load. */
  reloadPicture(): void {
    if (this.current) void this.#pictures.again(this.current);
  }

  #later(milliseconds: number): void {
    this.#timers.after(milliseconds, () => {
      void this.refill();
    });
  }

  // ---- leaving the current item

  /** Send the current item and show the next one at once; a refusal brings it back. */
  async submitCurrent(reason?: string): Promise<void> {
    if (this.current) await this.submit(this.current, reason);
  }

  /** Send any item that is held. */
  async submit(entry: WorkEntry, reason?: string): Promise<void> {
    const { session, keeper } = entry;
    const pending = pendingOf(entry, this.options.user, this.options.dataset, reason);
    keeper.close();
    this.#sent.set(pending.submission_id, entry);
    this.day.count(session.item.kind, 1);
    this.last.submitted(session.item.id);
    // First into the outbox, then on: the next claim must know that this item is on its way.
    const stored = this.outbox.add(pending);
    this.#leave(entry);
    await stored;
  }

  /** Give the current item to others, with the reason. */
  async skipCurrent(reason: string): Promise<void> {
    const entry = this.current;
    if (!entry) return;
    const { item } = entry.session;
    entry.keeper.close();
    this.#leave(entry);
    await this.options.journal?.deleteDraft(this.options.user, item.id);
    try {
      await this.options.api.skip(item.id, item.lease.token, reason);
    } catch (error) {
      this.notices.add(t('labelling.skipKept', { id: item.id, reason: sentenceOf(error) }));
    }
    entry.picture?.release();
  }

  /** After a lost lease: leave the item to the other person. */
  async dropCurrent(): Promise<void> {
    const entry = this.current;
    if (!entry) return;
    entry.keeper.close();
    this.#leave(entry);
    entry.picture?.release();
    await this.options.journal?.deleteDraft(this.options.user, entry.session.item.id);
  }

  /** The restored draft of the current item is not wanted. */
  discardDraft(): void {
    this.current?.session.discardDraft();
  }

  #leave(left: WorkEntry): void {
    this.#entries = this.#entries.filter((entry) => entry !== left);
    if (this.#entries.length === 0) this.status = 'starting';
    this.#prepare();
    this.changed();
    void this.refill();
  }

  /** Go back to a face, by default the last one, that was submitted and that nobody has gone on with. */
  async goBack(item = this.last.item): Promise<void> {
    if (item === null) {
      this.notices.add(t('labelling.nothingToGoBackTo'));
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
      this.#prepare();
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
      const { kept_as: keptAs, message } = outcome.submitted;
      if (keptAs === 'side') this.notices.add(`${nameOf(pending)}: ${message}`);
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
    const end = endOf(problem);
    if (entry && end === 'solvable') {
      meetRefusal(entry.session, problem);
      this.#takeBack(entry);
      return;
    }
    if (end === 'over') this.notices.add(refusedSentence(pending, problem));
    else void this.#keepAsDraft(pending, problem);
    entry?.picture?.release();
  }

  #takeBack(sent: WorkEntry): void {
    const entry = { ...entryFor(sent.session, sent.keeper, this.#tools), picture: sent.picture };
    entry.keeper.note();
    const [current, ...rest] = this.#entries;
    const busy = current?.session.isDirty === true;
    this.#entries = current && busy ? [current, entry, ...rest] : [entry, ...this.#entries];
    this.status = 'working';
    if (busy) this.notices.add(t('safety.comesBackNext', { subject: subjectOf(sent.session.item) }));
  }

  /** Refused for now: the work becomes the draft with which the item is handed out again. */
  async #keepAsDraft(pending: Pending, problem: Problem): Promise<void> {
    await this.options.journal?.putDraft(draftOf(pending));
    this.notices.add(t('safety.keptAsDraft', { refusal: refusedSentence(pending, problem) }));
    void this.refill();
  }

  // ---- leases

  /** Renew every lease; also when the page was asleep and comes back. */
  heartbeat(): Promise<void> {
    return this.#leases.beat();
  }

  #lost(items: ReadonlySet<number>): void {
    this.#entries = stillHere(this.#entries, items);
    this.changed();
    void this.refill();
  }

  /** The connection is back, or the page was asleep: everything that waits is tried at once. */
  async retryNow(): Promise<void> {
    this.outbox.retryNow();
    for (const entry of this.#entries) {
      entry.keeper.retryNow();
      if (entry.pictureFailure !== null) void this.#pictures.again(entry);
    }
    await this.heartbeat();
    await this.refill();
  }

  // ---- leaving the page

  /** Write the drafts now (the tab is hidden or closing). */
  async flush(): Promise<void> {
    await Promise.all(this.#entries.map((entry) => entry.keeper.flush()));
  }

  /** Leave the page: drafts are written; untouched items go back to the others, or stay for another tab. */
  async stop(untouched: 'release' | 'keep' = 'release'): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timers.stop();
    this.outbox.stop();
    await this.flush();
    for (const entry of this.#entries) {
      if (untouched === 'keep') letGo(entry);
      else giveBack(entry, this.options.api);
    }
  }
}
