/** How far the labelling page is ahead of the person, so that the next face is decoded before it is asked for. */
import type { Item, KindCounts, PassKind } from '../api/types';

/** Items held at most, the current one among them. */
const HELD = 5;
/** The same while PLENTY of items wait: seven at once cost the server little more than two. */
const HELD_OF_PLENTY = 10;
const PLENTY = 500;

/** More are claimed when fewer than this are left beside the current one. */
export const REFILL_BELOW = 3;

/** The pictures of so many items are decoded, the current one's among them. */
export const DECODED = HELD_OF_PLENTY;

/** The server hands one person no more than this (`MOST_HELD`). */
const MOST_HELD = 48;

/** How many to hold; where little waits, others shall find something too. */
export function heldAtMost(waiting: KindCounts): number {
  const total = waiting.annotate + waiting.check + waiting.adjudicate + waiting.sweep;
  return total >= PLENTY ? HELD_OF_PLENTY : HELD;
}

/** A page that shows several items at once: how many, of which kinds, and which of those handed out it can show. */
export interface Screen {
  readonly size: number;
  readonly kinds: PassKind[];
  fits(item: Item): boolean;
}

/** How many more items to claim until the screen is full. */
export function lackingOn(screen: Screen, held: readonly Item[]): number {
  const lacking = screen.size - held.filter((item) => screen.fits(item)).length;
  return Math.max(0, Math.min(lacking, MOST_HELD - held.length));
}
