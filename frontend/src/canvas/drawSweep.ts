import { toScreen, imagePx, type View } from '../model/coords';
import type { SweepFace } from '../api/types';
import type { Picture } from '../store/pictures';
import type { SweepSession } from '../store/sweepSession';
import { drawMagnifier } from './magnifier';
import { drawBox, drawHandles, drawPicture, drawTag, type BoxStyle } from './marks';
import type { Palette } from './palette';

export interface SweepScene {
  view: View;
  picture: Picture | null;
  session: SweepSession;
  palette: Palette;
  /** Id of the found face under the pointer. */
  hover: number | null;
  overlaysHidden: boolean;
}

/** Boxes shorter than this on the screen are shown enlarged while the pointer is on them. */
const SMALL = 40;

/** Line and dash together say the state, so that colour is never alone. */
function styleOf(face: SweepFace, rejected: boolean, palette: Palette): BoxStyle {
  if (rejected || face.state === 'rejected') return { colour: palette.bad, dash: [2, 3] };
  if (face.state === 'accepted') return { colour: palette.good };
  if (face.state === 'too_small') return { colour: palette.box, dash: [1, 3], width: 1.2 };
  if (face.needs_person !== '') return { colour: palette.amber, dash: [7, 4] };
  return { colour: palette.box };
}

function crossOut(context: CanvasRenderingContext2D, view: View, face: SweepFace, palette: Palette): void {
  const [x1, y1, x2, y2] = face.box;
  context.save();
  context.strokeStyle = palette.bad;
  context.lineWidth = 1.4;
  context.beginPath();
  for (const [from, to] of [
    [imagePx(x1, y1), imagePx(x2, y2)],
    [imagePx(x2, y1), imagePx(x1, y2)],
  ] as const) {
    const a = toScreen(view, from);
    const b = toScreen(view, to);
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
  }
  context.stroke();
  context.restore();
}

/** What a found face is called beside its box. */
export function describeFound(face: SweepFace, rejected: boolean): string {
  if (rejected) return 'not a face (on saving)';
  if (face.state === 'rejected') return 'rejected as not a face';
  if (face.state === 'accepted') return 'accepted: closed';
  if (face.state === 'too_small') return 'too small to be labelled';
  if (face.needs_person !== '') return face.needs_person;
  return face.score === null ? face.detector : `${face.detector} ${face.score.toFixed(2)}`;
}

/** The whole stage of one sweep. Reads the session, changes nothing. */
export function drawSweep(context: CanvasRenderingContext2D, scene: SweepScene): void {
  const { view, picture, session, palette, hover } = scene;
  const whole = { x: 0, y: 0, width: session.item.image.width, height: session.item.image.height };
  context.fillStyle = palette.stage;
  context.fillRect(0, 0, view.width, view.height);
  if (picture) drawPicture(context, view, picture, whole, whole);
  if (scene.overlaysHidden) return;
  const { selection, drag } = session;
  for (const face of session.found) {
    const rejected = session.isRejected(face.id);
    const style = styleOf(face, rejected, palette);
    const marked = (selection?.kind === 'found' && selection.id === face.id) || hover === face.id;
    drawBox(context, view, face.box, palette.rim, marked ? { ...style, width: 2.6 } : style);
    if (rejected || face.state === 'rejected') crossOut(context, view, face, palette);
  }
  for (const { key, box } of session.drawn) {
    const selected = selection?.kind === 'drawn' && selection.key === key;
    drawBox(context, view, box, palette.rim, { colour: palette.accent, width: selected ? 2.4 : 1.6 });
    if (selected) drawHandles(context, view, box, palette);
  }
  if (drag?.kind === 'new') {
    const { from, to } = drag;
    const box = [
      Math.min(from.x, to.x),
      Math.min(from.y, to.y),
      Math.max(from.x, to.x),
      Math.max(from.y, to.y),
    ];
    drawBox(context, view, box as [number, number, number, number], palette.rim, {
      colour: palette.accent,
      dash: [5, 3],
    });
    if (picture) drawMagnifier(context, view, picture, whole, whole, to);
  }
  const focus = session.found.find(
    (face) => face.id === (hover ?? (selection?.kind === 'found' ? selection.id : null)),
  );
  if (focus && !drag) {
    const corner = toScreen(view, imagePx(focus.box[2], focus.box[1]));
    drawTag(context, view, describeFound(focus, session.isRejected(focus.id)), corner, palette);
    const side = Math.min(focus.box[2] - focus.box[0], focus.box[3] - focus.box[1]) * view.scale;
    if (picture && side < SMALL) {
      const centre = imagePx((focus.box[0] + focus.box[2]) / 2, (focus.box[1] + focus.box[3]) / 2);
      drawMagnifier(context, view, picture, whole, whole, centre);
    }
  }
}
