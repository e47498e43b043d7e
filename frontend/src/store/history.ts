/** Steps that can be undone; older ones are forgotten. More than anybody makes on one face, and what a journal holds. */
export const MOST_STEPS = 200;

/**
 * Undo and redo with explicit gestures: everything between begin and commit is one step, however long it takes,
 * and a gesture that ends where it began is none.
 */
export class History<T> {
  #present: T;
  #past: T[] = [];
  #future: T[] = [];
  #before: { value: T } | null = null;

  constructor(initial: T) {
    this.#present = initial;
  }

  get present(): T {
    return this.#present;
  }

  get canUndo(): boolean {
    return this.#past.length > 0 || (this.#before !== null && this.#before.value !== this.#present);
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  get inGesture(): boolean {
    return this.#before !== null;
  }

  /** The present without the gesture under way. */
  get settled(): T {
    return this.#before ? this.#before.value : this.#present;
  }

  /** Oldest first. */
  get past(): readonly T[] {
    return this.#past;
  }

  /** What redo comes to last stands first. */
  get future(): readonly T[] {
    return this.#future;
  }

  /** Open a gesture; one that is still open is committed first. */
  begin(): void {
    this.commit();
    this.#before = { value: this.#present };
  }

  /** Change the present inside the open gesture. Throws without one. */
  update(next: T): void {
    if (!this.#before) throw new Error('History.update needs an open gesture: call begin first.');
    this.#present = next;
  }

  /** Close the gesture: one step if the present is another value than before. */
  commit(): void {
    if (!this.#before) return;
    const { value } = this.#before;
    this.#before = null;
    if (value === this.#present) return;
    this.#push(value);
    this.#future = [];
  }

  /** Close the gesture and take it back. */
  cancel(): void {
    if (!this.#before) return;
    this.#present = this.#before.value;
    this.#before = null;
  }

  /** A gesture of a single change. */
  apply(next: T): void {
    this.begin();
    this.update(next);
    this.commit();
  }

  undo(): boolean {
    this.commit();
    const value = this.#past.pop();
    if (value === undefined) return false;
    this.#future.push(this.#present);
    this.#present = value;
    return true;
  }

  redo(): boolean {
    this.commit();
    const value = this.#future.pop();
    if (value === undefined) return false;
    this.#push(this.#present);
    this.#present = value;
    return true;
  }

  /** Start over from a value, without a past or with the one of an earlier page. */
  reset(value: T, past: readonly T[] = [], future: readonly T[] = []): void {
    this.#present = value;
    this.#past = past.slice(-MOST_STEPS);
    this.#future = future.slice(-MOST_STEPS);
    this.#before = null;
  }

  #push(value: T): void {
    this.#past.push(value);
    if (this.#past.length > MOST_STEPS) this.#past.shift();
  }
}
