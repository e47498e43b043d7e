import { describe, expect, it } from 'vitest';

import type { ImageRow } from '../../../api/types';
import { imageState } from './imageState';

const image = (changes: Partial<ImageRow>): ImageRow =>
  ({
    verdict: '',
    verdict_reason: '',
    prelabel_error: '',
    prelabelled_by: '',
    complete: false,
    split: 'train',
    ...changes,
  }) as ImageRow;

describe('imageState', () => {
  it('waits for pre-labels, but not where it is a test image', () => {
    expect(imageState(image({})).state).toBe('waiting');
    expect(imageState(image({ split: 'test' }))).toEqual({ state: 'in_work', reason: 'without pre-labels' });
  });
  it('says first what matters most', () => {
    expect(imageState(image({ verdict: 'rejected', verdict_reason: 'blurred', complete: true }))).toEqual({
      state: 'rejected',
      reason: 'blurred',
    });
    expect(imageState(image({ prelabel_error: 'not readable' })).state).toBe('failed');
    expect(imageState(image({ split: 'test', complete: true })).state).toBe('complete');
  });
});
