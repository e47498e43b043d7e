/** The box around one part of the face, level with the face: its handles, and what dragging one makes of it. */

import {
  distance,
  imagePx,
  toImage,
  toScreen,
  type ImagePx,
  type ScreenPx,
  type View,
} from '../model/coords';
import { PARTS, type LevelBox, type PartName } from '../model/shapeMoves';
import type { Points68 } from '../model/shapeModel';
import { HANDLES, type BoxHandle } from './box';

/** Shortest side that a drag leaves, in pixels. */
const LEAST = 1;

const isEast = (handle: BoxHandle): boolean => handle !== 'move' && handle.endsWith('e');

/** Image pixels in the frame turned by -roll (radians, clockwise positive) about its origin. */
export function toLevel(p: ImagePx, roll: number): ImagePx {
  const [cos, sin] = [Math.cos(roll), Math.sin(roll)];
  return imagePx(cos * p.x + sin * p.y, cos * p.y - sin * p.x);
}

/** Inverse of toLevel. */
export function fromLevel(p: ImagePx, roll: number): ImagePx {
  return toLevel(p, -roll);
}

/** The level box around the part's points; null where fewer than two are there. */
export function partBox(points: Points68, part: PartName, roll: number): LevelBox | null {
  const level = PARTS[part].flatMap((index) => {
    const p = points[index];
    return p ? [toLevel(p, roll)] : [];
  });
  if (level.length < 2) return null;
  const [xs, ys] = [level.map((p) => p.x), level.map((p) => p.y)];
  const [x1, y1] = [Math.min(...xs), Math.min(...ys)];
  return [x1, y1, Math.max(...xs, x1 + LEAST), Math.max(...ys, y1 + LEAST)];
}

/** Where a handle sits in the image. */
export function partHandlePlace([x1, y1, x2, y2]: LevelBox, handle: BoxHandle, roll: number): ImagePx {
  return fromLevel(
    imagePx(
      handle.endsWith('w') ? x1 : isEast(handle) ? x2 : (x1 + x2) / 2,
      handle.startsWith('n') ? y1 : handle.startsWith('s') ? y2 : (y1 + y2) / 2,
    ),
    roll,
  );
}

/** Of the drawn box from the outermost points, in CSS pixels: so its handles cover none. */
const PADDING = 9;

/** The box as it is drawn and taken hold of: around the part's points, at every zoom. */
export function shownPartBox([x1, y1, x2, y2]: LevelBox, view: View): LevelBox {
  const by = PADDING / view.scale;
  return [x1 - by, y1 - by, x2 + by, y2 + by];
}

/** Move a handle, or the whole box, by a displacement in the image. */
export function dragPartBox(box: LevelBox, handle: BoxHandle, delta: ImagePx, roll: number): LevelBox {
  const { x, y } = toLevel(delta, roll);
  const [x1, y1, x2, y2] = box;
  if (handle === 'move') return [x1 + x, y1 + y, x2 + x, y2 + y];
  const west = handle.endsWith('w');
  return [
    west ? Math.min(x1 + x, x2 - LEAST) : x1,
    handle.startsWith('n') ? Math.min(y1 + y, y2 - LEAST) : y1,
    isEast(handle) ? Math.max(x2 + x, x1 + LEAST) : x2,
    handle.startsWith('s') ? Math.max(y2 + y, y1 + LEAST) : y2,
  ];
}

/** The handle within reach (CSS pixels), else 'move' inside the box, else null. */
export function partHandleAt(
  view: View,
  box: LevelBox,
  roll: number,
  at: ScreenPx,
  reach: number,
): BoxHandle | null {
  let best: BoxHandle | null = null;
  let nearest = reach;
  for (const handle of HANDLES) {
    const away = distance(toScreen(view, partHandlePlace(box, handle, roll)), at);
    if (away < nearest) {
      nearest = away;
      best = handle;
    }
  }
  if (best) return best;
  const p = toLevel(toImage(view, at), roll);
  return p.x >= box[0] && p.x <= box[2] && p.y >= box[1] && p.y <= box[3] ? 'move' : null;
}
