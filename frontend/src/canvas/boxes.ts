/** Hundreds of boxes at once: one path for all of a style, those out of sight left out. */

import type { BoxTuple } from '../api/types';
import { toScreen, imagePx, type View } from '../model/coords';
import type { BoxStyle } from './marks';

/** The boxes as closed lines of one path. The view is not turned: photographs are swept as they are. */
export function boxesPath(view: View, boxes: readonly BoxTuple[]): Path2D {
  const path = new Path2D();
  const origin = toScreen(view, imagePx(0, 0));
  for (const [x1, y1, x2, y2] of boxes) {
    const left = origin.x + view.scale * x1;
    const top = origin.y + view.scale * y1;
    const width = view.scale * (x2 - x1);
    const height = view.scale * (y2 - y1);
    if (left > view.width || top > view.height || left + width < 0 || top + height < 0) continue;
    path.rect(left, top, width, height);
  }
  return path;
}

/** Both diagonals of each box. */
export function crossesPath(view: View, boxes: readonly BoxTuple[]): Path2D {
  const path = new Path2D();
  for (const [x1, y1, x2, y2] of boxes) {
    for (const [from, to] of [
      [imagePx(x1, y1), imagePx(x2, y2)],
      [imagePx(x2, y1), imagePx(x1, y2)],
    ] as const) {
      const a = toScreen(view, from);
      const b = toScreen(view, to);
      path.moveTo(a.x, a.y);
      path.lineTo(b.x, b.y);
    }
  }
  return path;
}

/** Lines in a colour, on a darker rim so that they read on every photograph. */
export function strokeBoxes(
  context: CanvasRenderingContext2D,
  path: Path2D,
  rim: string,
  { colour, width = 1.4, dash = [] }: BoxStyle,
): void {
  context.save();
  context.strokeStyle = rim;
  context.globalAlpha = 0.45;
  context.lineWidth = width + 1.6;
  context.stroke(path);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash([...dash]);
  context.stroke(path);
  context.restore();
}
