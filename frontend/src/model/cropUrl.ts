/** Small copies of crops: for lists and grids, where many faces are shown and none is looked at closely. */

import type { CropRegion } from '../api/types';

/** What the server counts as a thumbnail, in pixels: showing it is not noted as viewing the photograph. */
const THUMBNAIL = 256;

/** The address of a crop as a thumbnail. */
export function thumbnailUrl(crop: CropRegion): string {
  return crop.url.replace(/\bpixels=\d+/, `pixels=${Math.max(16, Math.min(THUMBNAIL, crop.pixels))}`);
}

/** How many times larger a turned square has to be drawn to cover the upright one: 1 at 0° and 90°, 1.41 at 45°. */
export function coverScale(degrees: number): number {
  const angle = (degrees * Math.PI) / 180;
  return Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle));
}
