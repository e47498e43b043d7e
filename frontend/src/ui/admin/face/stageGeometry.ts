import type { Labels as WireLabels } from '../../../api/types';
import { distance, type ImagePx } from '../../../model/coords';
import { boxSize, type Labels } from '../../../model/labels';

/** A square of the upright image, whole pixels; it may reach outside. */
export interface Crop {
  x: number;
  y: number;
  side: number;
}

/** The square around the box of both versions, 1.7 times their longer side, so that all of either is in it. */
export function cropAround(labels: WireLabels, before: WireLabels | null): Crop {
  const boxes = [labels.box, ...(before ? [before.box] : [])];
  const x1 = Math.min(...boxes.map((box) => box[0]));
  const y1 = Math.min(...boxes.map((box) => box[1]));
  const x2 = Math.max(...boxes.map((box) => box[2]));
  const y2 = Math.max(...boxes.map((box) => box[3]));
  const side = Math.max(8, Math.ceil(1.7 * Math.max(x2 - x1, y2 - y1)));
  return { x: Math.round((x1 + x2 - side) / 2), y: Math.round((y1 + y2 - side) / 2), side };
}

/** A point of the earlier version that moved, and where it is now (null: taken away). */
export interface Ghost {
  index: number;
  from: ImagePx;
  to: ImagePx | null;
}

/** Points that moved by more than 0.2 % of the face's root area, or were taken away. */
export function ghostPairs(before: Labels, now: Labels): Ghost[] {
  const least = 0.002 * boxSize(before.box).scale;
  return (before.landmarks?.points ?? []).flatMap((from, index): Ghost[] => {
    if (!from) return [];
    const to = now.landmarks?.points[index] ?? null;
    return to && distance(from, to) <= least ? [] : [{ index, from, to }];
  });
}
