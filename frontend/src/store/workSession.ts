import type { Draft, Item } from '../api/types';
import { Activity } from './activity';
import { History } from './history';
import { Observable } from './observable';
import type { RestoredSteps, StepSource } from './undoTrail';

/** What the server refused, and what the person may do about it; stays until solved. */
export interface Refusal {
  code: string;
  message: string;
}

/** The work on one item: what faces and sweeps have in common. `State` is what undo and drafts are about. */
export abstract class WorkSession<State extends object> extends Observable {
  protected readonly history: History<State>;
  readonly activity = new Activity();
  /** When the restored draft was written, until it is edited, saved or discarded. */
  draftFrom: Date | null = null;
  /** The draft is what the person had submitted for this item before they took that back. */
  takenBack = false;
  /** The page that wrote the restored draft ended in the middle of a drag, which is not part of it. */
  interrupted = false;
  /** What another tab or computer of this person wrote for the same item: it waits for a choice. */
  otherDraft: Draft | null = null;
  /** Somebody else has the item now; saving keeps the labels for the adjudicator. */
  leaseLost = false;
  /** Counts changes of the state by the person; drafts follow it. */
  edits = 0;
  refusal: Refusal | null = null;
  protected readonly initial: State;

  constructor(
    readonly item: Item,
    initial: State,
  ) {
    super();
    this.initial = initial;
    this.history = new History(initial);
  }

  protected get state(): State {
    return this.history.present;
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  abstract get isDirty(): boolean;
  /** What a pointer moves just now: no edit until it is let go. */
  abstract readonly drag: object | null;
  /** Plain JSON of a state. */
  protected abstract dataOf(state: State): Record<string, unknown>;
  /** Read dataOf's output; null if it is of another version of the page. */
  protected abstract stateFrom(data: Record<string, unknown>): State | null;
  /** Take up what a draft says beside the state. */
  protected abstract readBeside(data: Record<string, unknown>): void;

  get isDragging(): boolean {
    return this.drag !== null;
  }

  /** What a draft keeps: the present, during a drag what was there before it. */
  draftData(): Record<string, unknown> {
    return this.dataOf(this.isDragging ? this.history.settled : this.state);
  }

  /** What undo and redo go through, for the journal. */
  undoSteps(): StepSource {
    return {
      past: this.history.past,
      future: this.history.future,
      data: (state) => this.dataOf(state as State),
    };
  }

  protected edit(next: State): void {
    if (next === this.state) return;
    this.history.apply(next);
    this.edited();
  }

  /** After every change of the state. */
  protected edited(): void {
    this.refusal = null;
    this.draftFrom = null;
    this.interrupted = false;
    this.edits += 1;
    this.changed();
  }

  undo(): void {
    if (this.history.undo()) this.edited();
  }

  redo(): void {
    if (this.history.redo()) this.edited();
  }

  /** Put a stored draft back, with its undo steps if they are known. False: it says nothing new, or cannot be read. */
  restore(
    draft: Partial<Draft> & Pick<Draft, 'data' | 'updated_at'>,
    steps: RestoredSteps | null = null,
  ): boolean {
    const state = this.stateFrom(draft.data);
    if (state === null) return false;
    this.readBeside(draft.data);
    this.#resetTo(state, steps);
    if (!this.isDirty) {
      if (!steps) this.history.reset(this.initial);
      return false;
    }
    this.draftFrom = new Date(draft.updated_at);
    this.changed();
    return true;
  }

  /** Back to the item as it was handed out; undo brings the draft back. */
  discardDraft(): void {
    this.draftFrom = null;
    this.history.apply(this.initial);
    this.edited();
  }

  #resetTo(state: State, steps: RestoredSteps | null): void {
    const past = steps?.past.map((data) => this.stateFrom(data));
    const future = steps?.future.map((data) => this.stateFrom(data));
    if (past?.every((one) => one !== null) && future?.every((one) => one !== null)) {
      this.history.reset(state, past, future);
    } else {
      this.history.reset(this.initial);
      this.history.apply(state);
    }
  }

  /** Another tab or computer of this person works on the same item. */
  meetOtherDraft(draft: Draft): void {
    this.otherDraft = draft;
    this.changed();
  }

  /** Go on with the other draft (undo brings this one back), or with this one. */
  chooseDraft(choice: 'other' | 'this'): void {
    const { otherDraft } = this;
    if (!otherDraft) return;
    this.otherDraft = null;
    const state = choice === 'other' ? this.stateFrom(otherDraft.data) : null;
    if (state) {
      this.history.apply(state);
      this.readBeside(otherDraft.data);
    }
    this.edited();
  }

  loseLease(): void {
    this.leaseLost = true;
    this.changed();
  }

  refuse(refusal: Refusal): void {
    this.refusal = refusal;
    this.changed();
  }
}
