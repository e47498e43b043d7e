/** A decoded picture that can be drawn at once, and the address of its bytes for small <img> copies. */
export interface Picture {
  readonly source: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  readonly address: string;
  /** Free the memory; the picture must not be drawn afterwards. */
  release(): void;
}

export type PictureLoader = (url: string) => Promise<Picture>;
