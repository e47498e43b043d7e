/** Small drawing steps shared by the face and the sweep canvas. Coordinates are ScreenPx unless said otherwise. */

import type { BoxTuple } from '../api/types';
import { imagePx, toScreen, type Region, type ScreenPx, type View } from '../model/coords';
import type { Picture } from '../store/pictures';
import { HANDLES, handlePlace } from '../tools/box';
import type { Palette } from './palette';

/**
 * Draw a picture that covers `region` of the image, under the view's transform. What lies outside an image of this
 * size is left out: there a crop is black.
 */
export function drawPicture(
  context: CanvasRenderingContext2D,
  view: View,
  picture: Picture,
  region: Region,
  image: { width: number; height: number },
  quality: ImageSmoothingQuality = view.scale < 0.5 ? 'high' : 'medium',
): void {
  const cos = view.scale * Math.cos(view.roll);
  const sin = view.scale * Math.sin(view.roll);
  const origin = toScreen(view, imagePx(0, 0));
  context.save();
  context.transform(cos, -sin, sin, cos, origin.x, origin.y);
  context.beginPath();
  context.rect(0, 0, image.width, image.height);
  context.clip();
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = quality;
  context.drawImage(picture.source, region.x, region.y, region.width, region.height);
  context.restore();
}

/** Corners of a box in order, turned with the view. */
function corners(view: View, [x1, y1, x2, y2]: BoxTuple): ScreenPx[] {
  return [
    toScreen(view, imagePx(x1, y1)),
    toScreen(view, imagePx(x2, y1)),
    toScreen(view, imagePx(x2, y2)),
    toScreen(view, imagePx(x1, y2)),
  ];
}

export interface BoxStyle {
  colour: string;
  width?: number;
  dash?: readonly number[];
}

export function drawBox(
  context: CanvasRenderingContext2D,
  view: View,
  box: BoxTuple,
  rim: string,
  style: BoxStyle,
): void {
  const width = style.width ?? 1.4;
  context.save();
  context.beginPath();
  for (const [i, p] of corners(view, box).entries()) {
    if (i === 0) context.moveTo(p.x, p.y);
    else context.lineTo(p.x, p.y);
  }
  context.closePath();
  context.strokeStyle = rim;
  context.globalAlpha = 0.45;
  context.lineWidth = width + 1.6;
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = style.colour;
  context.lineWidth = width;
  context.setLineDash([...(style.dash ?? [])]);
  context.stroke();
  context.restore();
}

export function drawHandles(
  context: CanvasRenderingContext2D,
  view: View,
  box: BoxTuple,
  palette: Palette,
): void {
  const half = 3.5;
  for (const handle of HANDLES) {
    const { x, y } = toScreen(view, handlePlace(box, handle));
    context.fillStyle = palette.rim;
    context.fillRect(x - half - 1, y - half - 1, 2 * half + 2, 2 * half + 2);
    context.fillStyle = palette.box;
    context.fillRect(x - half, y - half, 2 * half, 2 * half);
  }
}

export function drawRing(
  context: CanvasRenderingContext2D,
  at: ScreenPx,
  radius: number,
  colour: string,
  rim: string,
  dash: readonly number[] = [],
): void {
  context.save();
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  context.strokeStyle = rim;
  context.globalAlpha = 0.7;
  context.lineWidth = 3.4;
  context.stroke();
  context.globalAlpha = 1;
  context.setLineDash([...dash]);
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.stroke();
  context.restore();
}

/** A hairline cross with an open middle, so that the photograph under the point stays visible. */
export function drawCross(context: CanvasRenderingContext2D, at: ScreenPx, arm: number, gap: number): void {
  context.save();
  context.beginPath();
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(at.x + dx * gap, at.y + dy * gap);
    context.lineTo(at.x + dx * arm, at.y + dy * arm);
  }
  context.strokeStyle = 'rgb(0 0 0 / 60%)';
  context.lineWidth = 2.4;
  context.stroke();
  context.strokeStyle = '#ffffff';
  context.lineWidth = 0.8;
  context.stroke();
  context.restore();
}

/** A word beside a point, on dark, kept inside the canvas. */
export function drawTag(
  context: CanvasRenderingContext2D,
  view: View,
  text: string,
  at: ScreenPx,
  palette: Palette,
): void {
  context.save();
  context.font = palette.font;
  const width = context.measureText(text).width + 12;
  const x = Math.min(at.x + 12, view.width - width - 4);
  const y = at.y > 36 ? at.y - 30 : at.y + 12;
  context.fillStyle = 'rgb(11 13 16 / 88%)';
  context.beginPath();
  context.roundRect(Math.max(4, x), y, width, 22, 4);
  context.fill();
  context.fillStyle = '#ffffff';
  context.textBaseline = 'middle';
  context.fillText(text, Math.max(4, x) + 6, y + 11.5);
  context.restore();
}
