import type { ImageRow } from '../../../api/types';

/** The one word that matters most about an image, with the reason where there is one. */
export function imageState(image: ImageRow): { state: string; reason: string } {
  if (image.verdict) return { state: image.verdict, reason: image.verdict_reason };
  if (image.prelabel_error) return { state: 'failed', reason: image.prelabel_error };
  if (!image.prelabelled_by) return { state: 'waiting', reason: 'for pre-labels' };
  if (image.complete) return { state: 'complete', reason: '' };
  return { state: 'in_work', reason: '' };
}
