import type { View } from '../model/coords';
import type { Picture } from '../store/pictures';
import { drawPicture } from './marks';

/**
 * A photograph that is drawn once and then copied: while only boxes change, a frame costs no scaling. A view that
 * moves is drawn directly and in a hurry, since a copy of it would never be used again.
 */
export class PictureLayer {
  readonly #canvas = document.createElement('canvas');
  #drawn: { view: View; source: CanvasImageSource } | null = null;
  #isFilled = false;

  /** Fill the whole canvas: `backdrop`, and the photograph on it. False: in a hurry, so draw again when it rests. */
  draw(
    context: CanvasRenderingContext2D,
    view: View,
    picture: Picture,
    image: { width: number; height: number },
    backdrop: string,
  ): boolean {
    const { width, height } = context.canvas;
    const isSame =
      this.#drawn?.view === view &&
      this.#drawn.source === picture.source &&
      (!this.#isFilled || (this.#canvas.width === width && this.#canvas.height === height));
    if (!isSame) {
      this.#drawn = { view, source: picture.source };
      this.#isFilled = false;
      paint(context, view, picture, image, backdrop, 'low');
      return false;
    }
    if (!this.#isFilled) this.#fill(context, view, picture, image, backdrop);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#canvas, 0, 0);
    context.restore();
    return true;
  }

  #fill(
    context: CanvasRenderingContext2D,
    view: View,
    picture: Picture,
    image: { width: number; height: number },
    backdrop: string,
  ): void {
    this.#canvas.width = context.canvas.width;
    this.#canvas.height = context.canvas.height;
    const own = this.#canvas.getContext('2d');
    if (!own) return;
    own.setTransform(context.getTransform());
    paint(own, view, picture, image, backdrop);
    this.#isFilled = true;
  }
}

function paint(
  context: CanvasRenderingContext2D,
  view: View,
  picture: Picture,
  image: { width: number; height: number },
  backdrop: string,
  quality?: ImageSmoothingQuality,
): void {
  context.fillStyle = backdrop;
  context.fillRect(0, 0, view.width, view.height);
  drawPicture(context, view, picture, { x: 0, y: 0, ...image }, image, quality);
}
