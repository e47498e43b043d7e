/** How a photograph is shown, never how it is stored: brightness, contrast, equalised light. No DOM. */

export interface Tone {
  /** -100 to 100; 0 as it is. */
  readonly brightness: number;
  /** -100 to 100; 0 as it is. */
  readonly contrast: number;
  /** Local contrast the same everywhere: shadows and bright sky show as much as the rest. */
  readonly equalise: boolean;
}

export const PLAIN: Tone = { brightness: 0, contrast: 0, equalise: false };

/** One key press, in the units of brightness and contrast. */
export const TONE_STEP = 10;

export function isPlain(tone: Tone): boolean {
  return tone.brightness === 0 && tone.contrast === 0 && !tone.equalise;
}

/** Equal keys: equal pictures. */
export function toneKey(tone: Tone): string {
  return `${tone.brightness} ${tone.contrast} ${tone.equalise}`;
}

const bounded = (value: number): number => Math.min(100, Math.max(-100, Math.round(value)));

export function withTone(tone: Tone, change: Partial<Tone>): Tone {
  const next = { ...tone, ...change };
  return { ...next, brightness: bounded(next.brightness), contrast: bounded(next.contrast) };
}

/**
 * What each of 256 levels becomes. Brightness is a gamma, 2^(-brightness / 50): it lifts shadows without burning the
 * lights; contrast is a slope of 2^(contrast / 50) around middle grey.
 */
export function toneCurve(tone: Tone): Uint8ClampedArray {
  const gamma = 2 ** (-tone.brightness / 50);
  const slope = 2 ** (tone.contrast / 50);
  const curve = new Uint8ClampedArray(256);
  for (let level = 0; level < 256; level += 1) {
    const lit = 255 * (level / 255) ** gamma;
    curve[level] = 127.5 + slope * (lit - 127.5);
  }
  return curve;
}

/** Tiles along each side of the picture. */
const TILES = 8;
/** No level may hold more than this many times an even share of its tile: keeps noise from being blown up. */
const CLIP = 2.5;

/** Rec. 601 luma of an RGBA pixel, 0 to 255. */
function luma(pixels: Uint8ClampedArray, at: number): number {
  const [red, green, blue] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
  return (77 * red + 150 * green + 29 * blue) >> 8;
}

/** The clipped cumulative histogram of one tile's `count` luma values: what each level becomes there. */
function tileCurve(histogram: Uint32Array, count: number): Float32Array {
  const limit = Math.max(1, (CLIP * count) / 256);
  let excess = 0;
  for (const value of histogram) excess += Math.max(0, value - limit);
  const share = excess / 256;
  const curve = new Float32Array(256);
  let sum = 0;
  for (let level = 0; level < 256; level += 1) {
    const held = Math.min(histogram[level] ?? 0, limit) + share;
    curve[level] = count === 0 ? level : (255 * (sum + held / 2)) / count;
    sum += held;
  }
  return curve;
}

/**
 * Contrast-limited adaptive histogram equalisation of RGBA pixels, in place: each of 8 x 8 tiles gets its own curve
 * of lightness, and a pixel the mixture of the four nearest tiles' (Zuiderveld 1994). Colour differences stay.
 */
export function equalise(pixels: Uint8ClampedArray, width: number, height: number): void {
  const across = Math.min(TILES, width);
  const down = Math.min(TILES, height);
  const [tileWidth, tileHeight] = [width / across, height / down];
  const lumas = new Uint8Array(width * height);
  const histograms = Array.from({ length: across * down }, () => new Uint32Array(256));
  const counts = new Uint32Array(across * down);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(y / tileHeight) * across;
    for (let x = 0; x < width; x += 1) {
      const value = luma(pixels, 4 * (y * width + x));
      lumas[y * width + x] = value;
      const tile = row + Math.floor(x / tileWidth);
      const histogram = histograms[tile];
      if (histogram) histogram[value] = (histogram[value] ?? 0) + 1;
      counts[tile] = (counts[tile] ?? 0) + 1;
    }
  }
  const curves = new Float32Array(across * down * 256);
  for (const [tile, histogram] of histograms.entries()) {
    curves.set(tileCurve(histogram, counts[tile] ?? 0), 256 * tile);
  }
  const columns = neighbours(width, tileWidth, across);
  const rows = neighbours(height, tileHeight, down);
  for (let y = 0; y < height; y += 1) {
    const lower = rows.share[y] ?? 0;
    const above = 256 * across * (rows.before[y] ?? 0);
    const below = 256 * across * (rows.after[y] ?? 0);
    for (let x = 0; x < width; x += 1) {
      const place = y * width + x;
      const value = lumas[place] ?? 0;
      const righter = columns.share[x] ?? 0;
      const left = 256 * (columns.before[x] ?? 0) + value;
      const right = 256 * (columns.after[x] ?? 0) + value;
      const top = (curves[above + left] ?? 0) * (1 - righter) + (curves[above + right] ?? 0) * righter;
      const bottom = (curves[below + left] ?? 0) * (1 - righter) + (curves[below + right] ?? 0) * righter;
      const change = top * (1 - lower) + bottom * lower - value;
      const at = 4 * place;
      pixels[at] = (pixels[at] ?? 0) + change;
      pixels[at + 1] = (pixels[at + 1] ?? 0) + change;
      pixels[at + 2] = (pixels[at + 2] ?? 0) + change;
    }
  }
}

/** For every pixel along a side: the tiles whose middles lie before and after it, and how near the later one is. */
function neighbours(
  length: number,
  tile: number,
  tiles: number,
): { before: Uint8Array; after: Uint8Array; share: Float32Array } {
  const before = new Uint8Array(length);
  const after = new Uint8Array(length);
  const share = new Float32Array(length);
  for (let i = 0; i < length; i += 1) {
    const at = (i + 0.5) / tile - 0.5;
    const first = Math.floor(at);
    before[i] = Math.max(0, first);
    after[i] = Math.min(tiles - 1, first + 1);
    share[i] = at - first;
  }
  return { before, after, share };
}

/** RGBA pixels as this tone shows them, in place. */
export function applyTone(pixels: Uint8ClampedArray, width: number, height: number, tone: Tone): void {
  if (tone.equalise) equalise(pixels, width, height);
  if (tone.brightness === 0 && tone.contrast === 0) return;
  const curve = toneCurve(tone);
  for (let at = 0; at < pixels.length; at += 4) {
    pixels[at] = curve[pixels[at] ?? 0] ?? 0;
    pixels[at + 1] = curve[pixels[at + 1] ?? 0] ?? 0;
    pixels[at + 2] = curve[pixels[at + 2] ?? 0] ?? 0;
  }
}
