/** Two fingers on the stage: they hold the photograph, moving and zooming it at once. */

import { distance, panBy, screenPx, zoomAt, type ScreenPx, type View } from '../model/coords';

export interface Pinch {
  readonly before: readonly [ScreenPx, ScreenPx];
  readonly now: readonly [ScreenPx, ScreenPx];
}

const between = ([a, b]: readonly [ScreenPx, ScreenPx]): ScreenPx =>
  screenPx((a.x + b.x) / 2, (a.y + b.y) / 2);

/** The view after the fingers moved: what lay between them still does, larger as they are farther apart. */
export function pinched(view: View, { before, now }: Pinch): View {
  const [from, to] = [between(before), between(now)];
  const apart = distance(...before);
  const factor = apart < 1 ? 1 : distance(...now) / apart;
  return zoomAt(panBy(view, to.x - from.x, to.y - from.y), to, factor);
}

/** The fingers that are down, by the ids of their pointers. */
export class Fingers {
  readonly #places = new Map<number, ScreenPx>();

  /** How many are down now, this one included. */
  down(id: number, at: ScreenPx): number {
    this.#places.set(id, at);
    return this.#places.size;
  }

  /** Two of them move as a pinch; null with one finger, or for a pointer that is not down. */
  move(id: number, at: ScreenPx): Pinch | null {
    if (!this.#places.has(id)) return null;
    const before = this.#pair();
    this.#places.set(id, at);
    const now = this.#pair();
    return before && now ? { before, now } : null;
  }

  /** How many stay down. */
  up(id: number): number {
    this.#places.delete(id);
    return this.#places.size;
  }

  clear(): void {
    this.#places.clear();
  }

  #pair(): [ScreenPx, ScreenPx] | null {
    const [first, second] = this.#places.values();
    return first && second ? [first, second] : null;
  }
}
