/**
 * Coordinates with a brand, so that pixels of different frames cannot be mixed up.
 *
 * ImagePx: continuous pixels of the upright image, the frame of every stored label (the top-left pixel covers
 * [0, 1] x [0, 1]). CropPx: the same, of a square crop's JPEG. ScreenPx: CSS pixels from the canvas's top-left.
 */

declare const frame: unique symbol;

interface Point2<Frame extends string> {
  readonly x: number;
  readonly y: number;
  readonly [frame]?: Frame;
}

export type ImagePx = Point2<'image'>;
export type CropPx = Point2<'crop'>;
export type ScreenPx = Point2<'screen'>;

export const imagePx = (x: number, y: number): ImagePx => ({ x, y });
export const screenPx = (x: number, y: number): ScreenPx => ({ x, y });

/** Distance between two points of one frame. */
export function distance<P extends Point2<string>>(a: P, b: P): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** A square region of the upright image shown by a JPEG of `pixels` x `pixels`; it may reach outside the image. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The one transform between image and screen: the image point `centre` lies in the middle of a canvas of
 * `width` x `height` CSS pixels, one image pixel is `scale` CSS pixels, and the image is turned by `-roll`
 * (radians, clockwise positive), so that a face rolled by `roll` stands upright.
 */
export interface View {
  readonly centre: ImagePx;
  readonly scale: number;
  readonly roll: number;
  readonly width: number;
  readonly height: number;
}

export function toScreen(view: View, p: ImagePx): ScreenPx {
  const cos = Math.cos(view.roll);
  const sin = Math.sin(view.roll);
  const dx = p.x - view.centre.x;
  const dy = p.y - view.centre.y;
  return screenPx(
    view.width / 2 + view.scale * (cos * dx + sin * dy),
    view.height / 2 + view.scale * (cos * dy - sin * dx),
  );
}

export function toImage(view: View, p: ScreenPx): ImagePx {
  const delta = deltaToImage(view, p.x - view.width / 2, p.y - view.height / 2);
  return imagePx(view.centre.x + delta.x, view.centre.y + delta.y);
}

/** A displacement on the screen as one in the image (no translation). */
export function deltaToImage(view: View, dx: number, dy: number): ImagePx {
  const cos = Math.cos(view.roll);
  const sin = Math.sin(view.roll);
  return imagePx((cos * dx - sin * dy) / view.scale, (sin * dx + cos * dy) / view.scale);
}

export const ZOOM_LIMITS = { min: 0.02, max: 40 } as const;

/** Zoom by `factor` while the image point below `at` stays where it is. */
export function zoomAt(view: View, at: ScreenPx, factor: number): View {
  const scale = Math.min(ZOOM_LIMITS.max, Math.max(ZOOM_LIMITS.min, view.scale * factor));
  const fixed = toImage(view, at);
  const moved = { ...view, scale };
  const now = toImage(moved, at);
  return {
    ...moved,
    centre: imagePx(view.centre.x + fixed.x - now.x, view.centre.y + fixed.y - now.y),
  };
}

/** Move the picture by a displacement on the screen. */
export function panBy(view: View, dx: number, dy: number): View {
  const delta = deltaToImage(view, dx, dy);
  return { ...view, centre: imagePx(view.centre.x - delta.x, view.centre.y - delta.y) };
}

/** A view that shows the whole region, upright by `rollDegrees`, with a margin of `margin` CSS pixels. */
export function fitRegion(
  region: Region,
  size: { width: number; height: number },
  rollDegrees = 0,
  margin = 0,
): View {
  const room = (side: number): number => Math.max(16, side - 2 * margin);
  return {
    centre: imagePx(region.x + region.width / 2, region.y + region.height / 2),
    scale: Math.min(room(size.width) / region.width, room(size.height) / region.height),
    roll: (rollDegrees * Math.PI) / 180,
    width: size.width,
    height: size.height,
  };
}

/** The same picture on a canvas of another size. */
export function resized(view: View, size: { width: number; height: number }): View {
  return { ...view, width: size.width, height: size.height };
}
