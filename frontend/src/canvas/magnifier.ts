/** The small window that shows what lies under the hand, four times as large. */

import { toScreen, type ImagePx, type Region, type ScreenPx, type View } from '../model/coords';
import type { Picture } from '../store/pictures';
import { drawPicture } from './marks';

export const MAGNIFIER = { side: 136, factor: 4, margin: 12 } as const;

/** Kept free around the middle, so that no line covers the place itself, in CSS pixels. */
const CLEAR = 13;

/**
 * The corner for the magnifier: the upper one opposite to the hand. The lower ones belong to the whole photograph and
 * to the tools of the stage.
 */
export function magnifierCorner(view: View, hand: ScreenPx): ScreenPx {
  const { side, margin } = MAGNIFIER;
  const isRight = hand.x > view.width / 2;
  return { x: isRight ? margin : view.width - side - margin, y: margin };
}

/** The view of the magnifier's own square, with `centre` in its middle. */
export function magnified(view: View, centre: ImagePx): View {
  const { side, factor } = MAGNIFIER;
  return { ...view, centre, scale: view.scale * factor, width: side, height: side };
}

/**
 * Four times the present zoom around an image point, with a hairline cross on it. `overlay` draws lines that belong to
 * the photograph (the contour) in the magnifier's own view; they leave the middle free.
 */
export function drawMagnifier(
  context: CanvasRenderingContext2D,
  view: View,
  picture: Picture,
  region: Region,
  image: { width: number; height: number },
  centre: ImagePx,
  overlay?: (context: CanvasRenderingContext2D, view: View) => void,
): void {
  const { side } = MAGNIFIER;
  const corner = magnifierCorner(view, toScreen(view, centre));
  const enlarged = magnified(view, centre);
  const middle = side / 2;
  context.save();
  context.translate(corner.x, corner.y);
  const frame = new Path2D();
  frame.roundRect(0, 0, side, side, 6);
  context.save();
  context.clip(frame);
  context.fillStyle = '#000';
  context.fillRect(0, 0, side, side);
  drawPicture(context, enlarged, picture, region, image);
  if (overlay) {
    context.save();
    const around = new Path2D();
    around.rect(0, 0, side, side);
    around.arc(middle, middle, CLEAR, 0, 2 * Math.PI);
    context.clip(around, 'evenodd');
    overlay(context, enlarged);
    context.restore();
  }
  for (const [width, colour] of [
    [2.4, 'rgb(0 0 0 / 45%)'],
    [1, 'rgb(255 255 255 / 85%)'],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      context.moveTo(middle + 3 * dx, middle + 3 * dy);
      context.lineTo(middle + middle * dx, middle + middle * dy);
    }
    context.stroke();
  }
  context.restore();
  context.strokeStyle = 'rgb(255 255 255 / 55%)';
  context.lineWidth = 1;
  context.stroke(frame);
  context.restore();
}
