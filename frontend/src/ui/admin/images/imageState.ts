import type { ImageRow } from '../../../api/types';

/** The one word that matters most about an image, with the reason where there is one. */
export function imageState(image: ImageRow): { state: string; reason: string } {
  if (image.verdict) return { state: image.verdict, reason: image.verdict_reason };
  if (image.prelabel_error) return { state: 'failed', reason: image.prelabel_error };
  if (image.complete) return { state: 'complete', reason: '' };
  // A test image never gets a model's labels: people draw its faces.
  if (image.split === 'test') return { state: 'in_work', reason: 'without pre-labels' };
  if (!image.prelabelled_by) return { state: 'waiting', reason: 'for pre-labels' };
  return { state: 'in_work', reason: '' };
}

/** What an image is used for, in words. */
export const SPLITS: Readonly<Record<ImageRow['split'], string>> = {
  train: 'training',
  val: 'validation',
  test: 'test',
};
