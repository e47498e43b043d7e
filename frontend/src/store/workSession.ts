import type { Draft, Item } from '../api/types';
import { Activity } from './activity';
import { History } from './history';
import { Observable } from './observable';

/** What the server refused, and what the person may do about it; stays until solved. */
export interface Refusal {
  code: string;
  message: string;
}

/** The work on one item: what faces and sweeps have in common. `State` is what undo and drafts are about. */
export abstract class WorkSession<State> extends Observable {
  protected readonly history: History<State>;
  readonly activity = new Activity();
  /** When the restored draft was written, until it is edited, saved or discarded. */
  draftFrom: Date | null = null;
  /** The draft is what the person had submitted for this item before they took that back. */
  takenBack = false;
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
  /** Plain JSON of the present state. */
  abstract draftData(): Record<string, unknown>;
  /** Read draftData's output; null if it is of another version of the page. */
  protected abstract stateFrom(data: Record<string, unknown>): State | null;

  protected edit(next: State): void {
    if (next === this.state) return;
    this.history.apply(next);
    this.edited();
  }

  /** After every change of the state. */
  protected edited(): void {
    this.refusal = null;
    this.draftFrom = null;
    this.edits += 1;
    this.changed();
  }

  undo(): void {
    if (this.history.undo()) this.edited();
  }

  redo(): void {
    if (this.history.redo()) this.edited();
  }

  /** Put a stored draft back. False: it says nothing new, or cannot be read. */
  restore(draft: Draft): boolean {
    const state = this.stateFrom(draft.data);
    if (state === null) return false;
    this.history.reset(this.initial);
    this.history.apply(state);
    if (!this.isDirty) return false;
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

  loseLease(): void {
    this.leaseLost = true;
    this.changed();
  }

  refuse(refusal: Refusal): void {
    this.refusal = refusal;
    this.changed();
  }
}
