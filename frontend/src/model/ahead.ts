/** How far the labelling page is ahead of the person, so that the next face is decoded before it is asked for. */
import type { KindCounts } from '../api/types';

/** Items held at most, the current one among them. */
const HELD = 5;
/** The same while PLENTY of items wait: seven at once cost the server little more than two. */
const HELD_OF_PLENTY = 10;
const PLENTY = 500;

/** More are claimed when fewer than this are left beside the current one. */
export const REFILL_BELOW = 3;

/** How many to hold; where little waits, others shall find something too. */
export function heldAtMost(waiting: KindCounts): number {
  const total = waiting.annotate + waiting.check + waiting.adjudicate + waiting.sweep;
  return total >= PLENTY ? HELD_OF_PLENTY : HELD;
}
