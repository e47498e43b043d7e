/** What lies under the pointer. Distances are CSS pixels, so that targets keep their size at every zoom. */

import type { BoxTuple } from '../api/types';
import { distance, toImage, toScreen, type ImagePx, type ScreenPx, type View } from '../model/coords';
import { contains, HANDLES, handlePlace, type BoxHandle } from './box';

export const POINT_REACH = 10;
export const HANDLE_REACH = 9;
const EDGE_REACH = 6;

/** How much farther than a mouse a finger or a pen reaches: a finger's targets are 44 CSS pixels wide. */
export function reachFactor(pointerType: string): number {
  return pointerType === 'touch' ? 2.2 : pointerType === 'pen' ? 1.4 : 1;
}

/** The nearest point within reach, or null; ties go to the lower index. */
export function pointAt(
  view: View,
  points: readonly (ImagePx | null)[],
  at: ScreenPx,
  reach = POINT_REACH,
): number | null {
  let best: number | null = null;
  let nearest = reach;
  for (const [i, point] of points.entries()) {
    if (!point) continue;
    const away = distance(toScreen(view, point), at);
    if (away < nearest) {
      nearest = away;
      best = i;
    }
  }
  return best;
}

/**
 * The box handle within reach; its edge moves the whole box. null when the pointer is elsewhere. `factor`: see
 * reachFactor.
 */
export function boxHandleAt(view: View, box: BoxTuple, at: ScreenPx, factor = 1): BoxHandle | null {
  let best: BoxHandle | null = null;
  let nearest = HANDLE_REACH * factor;
  for (const handle of HANDLES) {
    const away = distance(toScreen(view, handlePlace(box, handle)), at);
    if (away < nearest) {
      nearest = away;
      best = handle;
    }
  }
  if (best) return best;
  const p = toImage(view, at);
  const reach = (EDGE_REACH * factor) / view.scale;
  const outer: BoxTuple = [box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach];
  const inner: BoxTuple = [box[0] + reach, box[1] + reach, box[2] - reach, box[3] - reach];
  return contains(outer, p) && !contains(inner, p) ? 'move' : null;
}
