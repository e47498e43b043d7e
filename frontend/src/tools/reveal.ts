/** Bringing a part of the photograph into view. */

import type { BoxTuple } from '../api/types';
import { imagePx, toScreen, ZOOM_LIMITS, type View } from '../model/coords';

/** Boxes whose shorter side is smaller than this on the screen cannot be judged, in CSS pixels. */
export const JUDGED_FROM = 40;

const sides = ([x1, y1, x2, y2]: BoxTuple): { width: number; height: number } => ({
  width: x2 - x1,
  height: y2 - y1,
});

/** All of the box is on the screen, and large enough to be judged. */
export function isShown(view: View, box: BoxTuple): boolean {
  const { width, height } = sides(box);
  if (Math.min(width, height) * view.scale < JUDGED_FROM) return false;
  return [imagePx(box[0], box[1]), imagePx(box[2], box[3])]
    .map((corner) => toScreen(view, corner))
    .every(({ x, y }) => x >= 0 && y >= 0 && x <= view.width && y <= view.height);
}

/** The box in the middle, its longer side filling `share` of the stage's shorter one. */
export function closeUp(view: View, box: BoxTuple, share: number): View {
  const { width, height } = sides(box);
  const wanted = (Math.min(view.width, view.height) * share) / Math.max(width, height, 1);
  return {
    ...view,
    centre: imagePx((box[0] + box[2]) / 2, (box[1] + box[3]) / 2),
    scale: Math.min(ZOOM_LIMITS.max, Math.max(ZOOM_LIMITS.min, wanted)),
  };
}
