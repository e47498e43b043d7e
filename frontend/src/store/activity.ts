/** Time spent working: pauses longer than this are not counted in full. */
const LONGEST_PAUSE_MS = 30_000;

export class Activity {
  #total = 0;
  #last: number | null = null;

  /** The person did something at this moment (milliseconds of any steady clock). */
  touch(now: number): void {
    if (this.#last !== null) this.#total += Math.min(Math.max(0, now - this.#last), LONGEST_PAUSE_MS);
    this.#last = now;
  }

  /** A part of the time that was spent on several items at once. */
  add(milliseconds: number): void {
    this.#total += Math.max(0, milliseconds);
  }

  get milliseconds(): number {
    return Math.round(this.#total);
  }
}
