import type { Item, PassKind, Policy } from '../api/types';
import type { Screen } from '../model/ahead';
import {
  answerIn,
  batchKinds,
  batchOrder,
  fitsBatch,
  flipped,
  isFinished,
  isUnsure,
  majorityOf,
  type BatchAnswer,
  type BatchQuestion,
} from '../model/batch';
import { removedBy } from '../model/policy';
import { Activity } from './activity';
import { FaceSession } from './faceSession';
import { Observable } from './observable';
import type { WorkEntry } from './workEntry';

/** What a screenful needs of the queue: a WorkQueue. */
export interface BatchQueue extends Observable {
  readonly held: readonly WorkEntry[];
  show(screen: Screen | null): void;
  bringForward(entries: readonly WorkEntry[]): void;
  submit(entry: WorkEntry): Promise<void>;
}

export interface BatchOptions {
  queue: BatchQueue;
  policy: Policy;
  question: BatchQuestion;
  /** Only passes of these kinds; null: all that the question allows. */
  kinds: readonly PassKind[] | null;
  /** Faces on one screen. */
  size: number;
}

/** What the queue is to hold for this question; `kinds`: only passes of these kinds, null: all that it allows. */
export function batchScreen(
  question: BatchQuestion,
  policy: Policy,
  kinds: readonly PassKind[] | null,
  size: number,
): Screen {
  const allowed = batchKinds(question, policy);
  const wanted = allowed.filter((kind) => kinds === null || kinds.includes(kind));
  return {
    size,
    kinds: wanted.length > 0 ? wanted : allowed,
    fits: (item: Item) => fitsBatch(question, item, policy),
  };
}

/** One face on the screen. */
export interface BatchCell {
  readonly entry: WorkEntry;
  readonly session: FaceSession;
}

export interface ShownCell extends BatchCell {
  readonly answer: BatchAnswer;
  /** Its answer is not that of most on the screen. */
  readonly differs: boolean;
  readonly unsure: boolean;
  readonly confirmed: boolean;
  /** The person gave another answer than the face came with. */
  readonly changed: boolean;
}

interface Step {
  readonly cells: readonly BatchCell[];
  undo(cell: BatchCell): void;
  redo(cell: BatchCell): void;
}

/** Draws the eye of nobody: an item that waits for a choice of its own is for the page of one face. */
const isCalm = (session: FaceSession): boolean =>
  !session.leaseLost && !session.refusal && !session.theirs && !session.otherDraft;

/**
 * A screenful of held faces that are asked one question. Answers go into each face's own session, so drafts, undo
 * and the submission are those of single faces; this holds only the order, the choice and the steps across faces.
 */
export class BatchSession extends Observable {
  readonly question: BatchQuestion;
  /** In the order of the screen. It is set when faces arrive and stays while they are answered. */
  cells: readonly BatchCell[] = [];
  /** The chosen face's place. */
  at = 0;
  /** The answer of most when the screen was filled: what is odd does not change under the person's hands. */
  #majority: BatchAnswer = null;
  #size: number;
  #done: Step[] = [];
  #undone: Step[] = [];
  readonly #activity = new Activity();
  #shared = 0;
  readonly #stopFollowing: () => void;

  constructor(private readonly options: BatchOptions) {
    super();
    this.question = options.question;
    this.#size = options.size;
    this.#stopFollowing = options.queue.subscribe(() => {
      this.#follow();
    });
    this.#ask();
    this.#follow();
  }

  /** The page has room for so many. */
  resize(size: number): void {
    if (size === this.#size) return;
    this.#size = size;
    this.#ask();
    this.#follow();
  }

  #ask(): void {
    const { queue, question, policy, kinds } = this.options;
    queue.show(batchScreen(question, policy, kinds, this.#size));
  }

  /** Faces that arrived go behind those that are there; those that left leave. */
  #follow(): void {
    const { queue, question, policy } = this.options;
    const fitting = queue.held.flatMap((entry): BatchCell[] => {
      const { session } = entry;
      if (!(session instanceof FaceSession) || !fitsBatch(question, session.item, policy)) return [];
      const isAsked = question.kind === 'flag' || !removedBy(policy, session.labels.flags).has(question.id);
      return isAsked && isCalm(session) ? [{ entry, session }] : [];
    });
    const held = new Set(fitting.map((cell) => cell.session));
    const before = this.cells;
    const stay = before.filter((cell) => held.has(cell.session));
    const known = new Set(stay.map((cell) => cell.session));
    const arrived = fitting.filter((cell) => !known.has(cell.session)).slice(0, this.#size - stay.length);
    const order = batchOrder(
      question,
      arrived.map(({ session }) => ({
        answer: answerIn(question, session.labels),
        uncertainty: session.face.uncertainty,
      })),
    );
    const next = [...stay, ...order.flatMap((place) => arrived[place] ?? [])].slice(0, this.#size);
    if (next.length === before.length && next.every((cell, i) => cell.session === before[i]?.session)) {
      this.changed(); // a keeper or the connection changed
      return;
    }
    const chosen = before[this.at]?.session;
    const stillAt = next.findIndex((cell) => cell.session === chosen);
    this.cells = next;
    this.at = stillAt >= 0 ? stillAt : Math.min(this.at, Math.max(0, next.length - 1));
    if (arrived.length > 0) {
      this.#majority = majorityOf(next.map(({ session }) => answerIn(question, session.labels)));
    }
    this.changed();
  }

  // ---- what is shown

  get shown(): ShownCell[] {
    const { question } = this.options;
    return this.cells.map((cell) => {
      const { session } = cell;
      const answer = answerIn(question, session.labels);
      return {
        ...cell,
        answer,
        differs: answer !== null && this.#majority !== null && answer !== this.#majority,
        unsure: isUnsure(session.face),
        confirmed: session.confirmed.has(question.id),
        changed: answer !== answerIn(question, session.base),
      };
    });
  }

  get chosen(): BatchCell | null {
    return this.cells[this.at] ?? null;
  }

  /** Faces of which an answer waits to be confirmed. */
  get unconfirmed(): ShownCell[] {
    return this.shown.filter((cell) => !cell.confirmed && cell.answer !== null);
  }

  get unanswered(): number {
    return this.shown.filter((cell) => cell.answer === null).length;
  }

  /** Held faces that are for the page of one face alone. */
  get apart(): number {
    return this.options.queue.held.length - this.cells.length;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  // ---- choosing

  choose(place: number): void {
    if (this.cells.length === 0) return;
    this.at = Math.min(Math.max(0, place), this.cells.length - 1);
    this.changed();
  }

  /** One step of an arrow key in a grid of so many columns; past an edge it stays. */
  step(dx: number, dy: number, columns: number): void {
    const place = this.at + dx + dy * columns;
    if (place >= 0 && place < this.cells.length) this.choose(place);
  }

  // ---- answering

  /** An answer for the chosen face. One that had none is followed by the next without. */
  answer(value: string): void {
    const cell = this.chosen;
    if (!cell) return;
    const before = answerIn(this.question, cell.session.labels);
    if (before === value) return;
    this.#give(cell, value);
    if (before === null) this.#chooseNextUnanswered();
  }

  /** The next answer, or the flag the other way, for this face. */
  flip(place = this.at): void {
    this.choose(place);
    const cell = this.chosen;
    if (cell) this.#give(cell, flipped(this.question, answerIn(this.question, cell.session.labels)));
  }

  #chooseNextUnanswered(): void {
    const places = this.cells.map((_, i) => (this.at + 1 + i) % this.cells.length);
    const next = places.find((place) => {
      const cell = this.cells[place];
      return cell && answerIn(this.question, cell.session.labels) === null;
    });
    if (next !== undefined) this.choose(next);
  }

  #give(cell: BatchCell, value: string): void {
    const { session } = cell;
    const { edits } = session;
    session.startCorrecting();
    if (this.question.kind === 'class') session.choose(this.question.id, value);
    else session.toggleWholeFlag(this.question.flag);
    if (session.edits === edits) return;
    this.#did({
      cells: [cell],
      undo: () => {
        session.undo();
      },
      redo: () => {
        session.redo();
      },
    });
  }

  /**
   * Every answer on the screen is the person's own now. Faces that need nothing more are sent, each as one ordinary
   * submission; the others keep it in their draft. Returns how many were sent.
   */
  confirm(): number {
    const cells = this.unconfirmed;
    if (cells.length === 0) return 0;
    this.#share();
    const { id } = this.question;
    for (const { session } of cells) session.confirm(id);
    const finished = cells.filter(({ session }) =>
      isFinished(this.options.policy, session.labels, session.confirmed),
    );
    const kept = cells.filter((cell) => !finished.includes(cell));
    this.#did({
      cells: kept,
      undo: ({ session }) => {
        session.confirm(id, false);
      },
      redo: ({ session }) => {
        session.confirm(id);
      },
    });
    for (const { entry } of finished) void this.options.queue.submit(entry);
    this.changed();
    return finished.length;
  }

  #did(step: Step): void {
    if (step.cells.length > 0) {
      this.#done.push(step);
      this.#undone = [];
    }
    this.changed();
  }

  undo(): void {
    this.#back(this.#done, this.#undone, (step, cell) => {
      step.undo(cell);
    });
  }

  redo(): void {
    this.#back(this.#undone, this.#done, (step, cell) => {
      step.redo(cell);
    });
  }

  /** The last step that is about a face still here; the chosen face is where it happened. */
  #back(from: Step[], to: Step[], apply: (step: Step, cell: BatchCell) => void): void {
    for (let step = from.pop(); step; step = from.pop()) {
      const here = step.cells.filter((cell) => this.cells.some(({ session }) => session === cell.session));
      const [first] = here;
      if (!first) continue;
      for (const cell of here) apply(step, cell);
      to.push(step);
      this.at = this.cells.findIndex(({ session }) => session === first.session);
      break;
    }
    this.changed();
  }

  // ---- time and leaving

  /** The person did something at this moment (milliseconds of any steady clock). */
  touch(now: number): void {
    this.#activity.touch(now);
  }

  /** What was spent on the screen since the last time belongs to its faces in equal parts. */
  #share(): void {
    const spent = this.#activity.milliseconds - this.#shared;
    this.#shared += spent;
    for (const { session } of this.cells) session.activity.add(spent / this.cells.length);
  }

  /** Go on face by face: those of this screen with an answer of the person first, in its order. */
  goOn(): void {
    const own = this.cells.filter(({ session }) => session.isDirty);
    this.options.queue.bringForward(own.map(({ entry }) => entry));
    this.end();
    this.options.queue.show(null);
  }

  /** Another question, or another page: nothing of this one goes on. */
  end(): void {
    this.#share();
    this.#stopFollowing();
  }
}
