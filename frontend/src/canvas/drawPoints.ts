/** The points of a face and what is being done with them: form and ring say what a point is, colour its region. */

import { imagePx, toScreen, type ImagePx, type ScreenPx, type View } from '../model/coords';
import { REGIONS, regionOf } from '../model/ibug68';
import { pointName } from '../model/pointNames';
import { HIDDEN, type Landmarks } from '../model/labels';
import type { LevelBox } from '../model/shapeMoves';
import { HANDLES } from '../tools/box';
import { partHandlePlace, shownPartBox } from '../tools/partBox';
import type { FaceScene } from './drawFace';
import { drawCross, drawRing, drawTag } from './marks';

export const POINT_RADIUS = 3;
const RIM = 1.2;
/** Half the side of a pinned point's square: as much ink as the round one. */
const SQUARE = 3;
const UNCERTAIN_RADIUS = 7;
const HANDLE_HALF = 3.5;

/** Round: follows the others; square: pinned. Filled: visible; hollow: hidden. The one in the hand is left out. */
export function drawDots(context: CanvasRenderingContext2D, scene: FaceScene, landmarks: Landmarks): void {
  const { view, palette, session } = scene;
  const { drag } = session;
  const dragged = drag?.kind === 'point' || drag?.kind === 'slide' ? drag.index : null;
  const pins = new Set(session.pins);
  for (const region of REGIONS) {
    const solid = new Path2D();
    const hollow = new Path2D();
    for (const index of region.points) {
      const point = landmarks.points[index];
      if (!point || index === dragged) continue;
      const { x, y } = toScreen(view, point);
      const path = landmarks.states[index] === HIDDEN ? hollow : solid;
      if (pins.has(index)) path.rect(x - SQUARE, y - SQUARE, 2 * SQUARE, 2 * SQUARE);
      else {
        path.moveTo(x + POINT_RADIUS, y);
        path.arc(x, y, POINT_RADIUS, 0, 2 * Math.PI);
      }
    }
    const colour = palette.region[region.name];
    context.lineWidth = 2 * RIM;
    context.strokeStyle = palette.rim;
    context.stroke(solid);
    context.fillStyle = colour;
    context.fill(solid);
    context.lineWidth = 3.6;
    context.stroke(hollow);
    context.lineWidth = 1.6;
    context.strokeStyle = colour;
    context.stroke(hollow);
  }
}

/** Amber rings: the model was unsure, and nobody has confirmed it. */
export function drawUncertain(
  context: CanvasRenderingContext2D,
  scene: FaceScene,
  landmarks: Landmarks,
): void {
  const { view, palette, session } = scene;
  for (const index of session.uncertain) {
    const point = landmarks.points[index];
    if (point) drawRing(context, toScreen(view, point), UNCERTAIN_RADIUS, palette.amber, palette.rim);
  }
}

/** The number of each point, outwards from the middle of its region's face so that lines stay readable. */
export function drawIndices(context: CanvasRenderingContext2D, scene: FaceScene, landmarks: Landmarks): void {
  const { view, palette, session } = scene;
  const there = landmarks.points.flatMap((p, index) => (p ? [{ index, at: toScreen(view, p) }] : []));
  const middle = there.reduce(
    (sum, { at }) => ({ x: sum.x + at.x / there.length, y: sum.y + at.y / there.length }),
    {
      x: 0,
      y: 0,
    },
  );
  context.save();
  context.font = palette.font.replace('12px', '10px');
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 2.6;
  context.strokeStyle = palette.rim;
  for (const { index, at } of there) {
    if (session.drag && session.selection?.kind === 'point' && session.selection.index === index) continue;
    const away = Math.hypot(at.x - middle.x, at.y - middle.y) || 1;
    const x = at.x + (11 * (at.x - middle.x)) / away;
    const y = at.y + (11 * (at.y - middle.y)) / away;
    context.strokeText(String(index), x, y);
    context.fillStyle = palette.region[regionOf(index)];
    context.fillText(String(index), x, y);
  }
  context.restore();
}

/** Hollow dashed rings where removed points would come back. */
export function drawRemoved(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, palette, session } = scene;
  for (const [index, place] of session.ghosts.entries()) {
    if (!place) continue;
    const colour = palette.region[regionOf(index)];
    drawRing(context, toScreen(view, place), POINT_RADIUS + 0.5, colour, palette.rim, [2, 2]);
  }
}

/** White rings around the selected point and the one under the pointer, whose name shows after a while. */
export function drawPointer(context: CanvasRenderingContext2D, scene: FaceScene, landmarks: Landmarks): void {
  const { view, palette, session, hover } = scene;
  const ring = (index: number, radius: number): void => {
    const point = landmarks.points[index] ?? session.ghosts[index];
    if (point) drawRing(context, toScreen(view, point), radius, '#ffffff', palette.rim);
  };
  if (session.selection?.kind === 'point' && !session.drag) ring(session.selection.index, 6.5);
  if (hover && !session.drag) {
    ring(hover.index, 7.5);
    const place: ImagePx | null = landmarks.points[hover.index] ?? session.ghosts[hover.index] ?? null;
    if (hover.named && place) {
      drawTag(context, view, `${pointName(hover.index)} · ${hover.index}`, toScreen(view, place), palette);
    }
  }
}

/** The box of the part that is being re-fitted, turned with the face; the handle that keys move is filled. */
export function drawPartBox(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, palette, session } = scene;
  const { part, roll } = session;
  if (!part) return;
  const box = shownPartBox(part.box, view);
  const corners = partCorners(view, box, roll);
  context.save();
  context.beginPath();
  for (const [i, { x, y }] of corners.entries()) {
    if (i === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.closePath();
  context.strokeStyle = palette.rim;
  context.lineWidth = 3.4;
  context.globalAlpha = 0.5;
  context.stroke();
  context.globalAlpha = 1;
  context.strokeStyle = palette.accent;
  context.lineWidth = part.handle === 'move' ? 2.2 : 1.4;
  context.stroke();
  for (const handle of HANDLES) {
    const { x, y } = toScreen(view, partHandlePlace(box, handle, roll));
    const half = part.handle === handle ? HANDLE_HALF + 1 : HANDLE_HALF;
    context.fillStyle = palette.rim;
    context.fillRect(x - half - 1, y - half - 1, 2 * half + 2, 2 * half + 2);
    context.fillStyle = part.handle === handle ? palette.accent : palette.box;
    context.fillRect(x - half, y - half, 2 * half, 2 * half);
  }
  context.restore();
}

function partCorners(view: View, box: LevelBox, roll: number): ScreenPx[] {
  return (['nw', 'ne', 'se', 'sw'] as const).map((corner) =>
    toScreen(view, partHandlePlace(box, corner, roll)),
  );
}

/** The clicks made so far, and the cross that keys move, with the name of what is clicked next. */
export function drawClicks(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, palette, session } = scene;
  if (!session.placing) return;
  for (const click of session.placing.clicks) {
    const at = toScreen(view, imagePx(click.x, click.y));
    drawRing(context, at, 5, palette.accent, palette.rim);
    drawCross(context, at, 9, 2);
  }
  const at = toScreen(view, session.placing.cross);
  drawCross(context, at, 16, 3);
  if (scene.clickName) drawTag(context, view, scene.clickName, at, palette);
}
