/** Editors of boxes: pure functions (box, handle, delta) -> box, in pixels of the upright image. */

import type { BoxTuple } from '../api/types';
import type { ImagePx } from '../model/coords';

export type BoxHandle = 'nw' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w' | 'move';

export const HANDLES: readonly Exclude<BoxHandle, 'move'>[] = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'];

/** Smallest side that an edit leaves, in pixels. */
export const MIN_SIDE = 4;

export interface Bounds {
  readonly width: number;
  readonly height: number;
}

/** Where a handle sits on the box. */
export function handlePlace(box: BoxTuple, handle: Exclude<BoxHandle, 'move'>): ImagePx {
  const [x1, y1, x2, y2] = box;
  return {
    x: handle.includes('w') ? x1 : handle.includes('e') ? x2 : (x1 + x2) / 2,
    y: handle.includes('n') ? y1 : handle.includes('s') ? y2 : (y1 + y2) / 2,
  };
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));

/** Move one handle of the box (or all of it) by a displacement; the box stays proper and inside the image. */
export function dragBox(box: BoxTuple, handle: BoxHandle, delta: ImagePx, bounds: Bounds): BoxTuple {
  let [x1, y1, x2, y2] = box;
  if (handle === 'move') {
    const width = x2 - x1;
    const height = y2 - y1;
    x1 = clamp(x1 + delta.x, 0, bounds.width - width);
    y1 = clamp(y1 + delta.y, 0, bounds.height - height);
    return [x1, y1, x1 + width, y1 + height];
  }
  if (handle.includes('w')) x1 = clamp(x1 + delta.x, 0, x2 - MIN_SIDE);
  if (handle.includes('e')) x2 = clamp(x2 + delta.x, x1 + MIN_SIDE, bounds.width);
  if (handle.includes('n')) y1 = clamp(y1 + delta.y, 0, y2 - MIN_SIDE);
  if (handle.includes('s')) y2 = clamp(y2 + delta.y, y1 + MIN_SIDE, bounds.height);
  return [x1, y1, x2, y2];
}

/** The box between two corners in any order, cut to the image; null if a side would be shorter than MIN_SIDE. */
export function boxBetween(a: ImagePx, b: ImagePx, bounds: Bounds): BoxTuple | null {
  const box: BoxTuple = [
    clamp(Math.min(a.x, b.x), 0, bounds.width),
    clamp(Math.min(a.y, b.y), 0, bounds.height),
    clamp(Math.max(a.x, b.x), 0, bounds.width),
    clamp(Math.max(a.y, b.y), 0, bounds.height),
  ];
  return box[2] - box[0] >= MIN_SIDE && box[3] - box[1] >= MIN_SIDE ? box : null;
}

/** A face's outermost points: its left, its right, its top and its chin. */
export const EXTREMES = 4;

/** The smallest box around points in any order, cut to the image; null if a side would be shorter than MIN_SIDE. */
export function hullOf(points: readonly ImagePx[], bounds: Bounds): BoxTuple | null {
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  const low = { x: Math.min(...xs), y: Math.min(...ys) };
  return boxBetween(low, { x: Math.max(...xs), y: Math.max(...ys) }, bounds);
}

export function contains(box: BoxTuple, p: ImagePx): boolean {
  return p.x >= box[0] && p.x <= box[2] && p.y >= box[1] && p.y <= box[3];
}
