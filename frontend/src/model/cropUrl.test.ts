import { describe, expect, it } from 'vitest';

import { coverScale, thumbnailUrl } from './cropUrl';

const crop = {
  url: '/api/v1/images/3/crop?x=-5&y=0&w=800&h=800&pixels=800',
  x: -5,
  y: 0,
  width: 800,
  height: 800,
};

describe('small copies of crops', () => {
  it('it_asks_for_no_more_than_a_thumbnail', () => {
    expect(thumbnailUrl({ ...crop, pixels: 800 })).toBe(
      '/api/v1/images/3/crop?x=-5&y=0&w=800&h=800&pixels=256',
    );
  });

  it('it_never_enlarges', () => {
    expect(thumbnailUrl({ ...crop, pixels: 90 })).toBe(
      '/api/v1/images/3/crop?x=-5&y=0&w=800&h=800&pixels=90',
    );
  });

  it('it_covers_the_frame_however_the_face_is_turned', () => {
    expect([0, 90, -90].map(coverScale)).toEqual([1, expect.closeTo(1), expect.closeTo(1)]);
    expect(coverScale(45)).toBeCloseTo(Math.SQRT2);
    expect(coverScale(-30)).toBeCloseTo(1.366, 3);
  });
});
