/** A canvas in CSS pixels, sharp on every display, drawn in the next frame after something asked for it. */
export class Surface {
  readonly context: CanvasRenderingContext2D;
  width = 0;
  height = 0;
  #frame: number | null = null;
  readonly #observer: ResizeObserver;

  /** Throws if the browser gives no 2D context. */
  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly draw: (context: CanvasRenderingContext2D) => void,
    private readonly onResize: (size: { width: number; height: number }) => void,
  ) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser cannot draw on a canvas.');
    this.context = context;
    this.#observer = new ResizeObserver(() => {
      this.#fit();
    });
    this.#observer.observe(canvas);
    this.#fit();
  }

  #fit(): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    if (width === 0 || height === 0) return;
    const ratio = devicePixelRatio;
    this.width = width;
    this.height = height;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.onResize({ width, height });
    this.#paint(); // a resized canvas is blank: no frame without the picture
  }

  /** Draw once in the next frame, however often this is called before it. */
  invalidate(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#paint();
    });
  }

  #paint(): void {
    const ratio = devicePixelRatio;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw(this.context);
  }

  destroy(): void {
    this.#observer.disconnect();
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
  }
}
