import { describe, expect, it } from 'vitest';

import { fitRegion, imagePx, panBy, screenPx, toImage, toScreen, zoomAt, type View } from './coords';

const view: View = { centre: imagePx(100, 50), scale: 2, roll: 0, width: 400, height: 200 };

describe('the view', () => {
  it('it_puts_the_centre_in_the_middle_and_scales', () => {
    expect(toScreen(view, imagePx(100, 50))).toEqual(screenPx(200, 100));
    expect(toScreen(view, imagePx(110, 55))).toEqual(screenPx(220, 110));
  });

  it('it_turns_a_rolled_face_upright', () => {
    // The eye line of a face rolled by 90 degrees clockwise points down; on the screen it points right.
    const rolled = { ...view, roll: Math.PI / 2 };
    const p = toScreen(rolled, imagePx(100, 60));
    expect(p.x).toBeCloseTo(220);
    expect(p.y).toBeCloseTo(100);
  });

  it('it_comes_back_from_the_screen', () => {
    const rolled = { ...view, roll: 0.3, scale: 1.7 };
    const back = toImage(rolled, toScreen(rolled, imagePx(13, 77)));
    expect(back.x).toBeCloseTo(13);
    expect(back.y).toBeCloseTo(77);
  });

  it('it_keeps_the_point_under_the_pointer_while_zooming', () => {
    const at = screenPx(30, 180);
    const before = toImage(view, at);
    const after = toImage(zoomAt(view, at, 3), at);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });

  it('it_stops_zooming_at_its_limits', () => {
    expect(zoomAt(view, screenPx(0, 0), 1e9).scale).toBe(40);
    expect(zoomAt(view, screenPx(0, 0), 1e-9).scale).toBe(0.02);
  });

  it('it_pans_with_the_hand', () => {
    const p = imagePx(90, 40);
    const before = toScreen(view, p);
    const after = toScreen(panBy(view, 12, -7), p);
    expect(after.x - before.x).toBeCloseTo(12);
    expect(after.y - before.y).toBeCloseTo(-7);
  });

  it('it_fits_a_region_into_the_shorter_side', () => {
    const fitted = fitRegion({ x: 10, y: 20, width: 100, height: 100 }, { width: 400, height: 200 });
    expect(fitted.scale).toBe(2);
    expect(fitted.centre).toEqual(imagePx(60, 70));
  });
});
