import type { BoxTuple, SweepFace } from '../api/types';
import { t } from '../i18n';
import { imagePx, toScreen, type ImagePx, type View } from '../model/coords';
import type { Picture } from '../store/pictures';
import type { SweepSelection, SweepSession } from '../store/sweepSession';
import { keyHint } from '../tools/keyMap';
import { JUDGED_FROM } from '../tools/reveal';
import { boxesPath, crossesPath, strokeBoxes } from './boxes';
import { drawMagnifier } from './magnifier';
import { drawCross, drawHandles, drawTag, type BoxStyle } from './marks';
import type { Palette } from './palette';
import type { PictureLayer } from './pictureLayer';

export interface SweepScene {
  view: View;
  picture: Picture | null;
  layer: PictureLayer;
  session: SweepSession;
  palette: Palette;
  /** The found face or the suggestion under the pointer. */
  hover: SweepSelection;
  overlaysHidden: boolean;
}

const isSame = (a: SweepSelection, b: SweepSelection): boolean =>
  a !== null &&
  b !== null &&
  (a.kind === 'drawn' ? b.kind === 'drawn' && a.key === b.key : b.kind === a.kind && a.id === b.id);

type FoundStyle = 'rejected' | 'accepted' | 'tooSmall' | 'toConfirm' | 'found';

function styleOf(face: SweepFace, isRejected: boolean): FoundStyle {
  if (isRejected || face.state === 'rejected') return 'rejected';
  if (face.state === 'accepted') return 'accepted';
  if (face.state === 'too_small') return 'tooSmall';
  return face.needs_person === '' ? 'found' : 'toConfirm';
}

/** Line and dash together say the state, so that colour is never alone. */
const styles = (palette: Palette): Record<FoundStyle, BoxStyle> => ({
  found: { colour: palette.box },
  accepted: { colour: palette.good },
  toConfirm: { colour: palette.amber, dash: [7, 4] },
  tooSmall: { colour: palette.box, dash: [1, 3], width: 1.2 },
  rejected: { colour: palette.bad, dash: [2, 3] },
});

const suggested = (palette: Palette): BoxStyle => ({ colour: palette.accent, dash: [8, 5], width: 1.6 });

/** What a found face is called beside its box. */
export function describeFound(face: SweepFace, isRejected: boolean): string {
  if (isRejected) return t('sweep.tagRejected');
  if (face.state === 'rejected') return t('sweep.tagWasRejected');
  if (face.state === 'accepted') return t('sweep.tagAccepted');
  if (face.state === 'too_small') return t('sweep.tagTooSmall');
  if (face.needs_person !== '') return face.needs_person;
  return face.score === null ? face.detector : `${face.detector} ${face.score.toFixed(2)}`;
}

function drawFound(context: CanvasRenderingContext2D, scene: SweepScene): void {
  const { view, session, palette, hover } = scene;
  const kinds = styles(palette);
  const groups = new Map<FoundStyle, BoxTuple[]>();
  for (const face of session.found) {
    const style = styleOf(face, session.isRejected(face.id));
    const group = groups.get(style);
    if (group) group.push(face.box);
    else groups.set(style, [face.box]);
  }
  for (const [style, boxes] of groups) {
    strokeBoxes(context, boxesPath(view, boxes), palette.rim, kinds[style]);
    if (style === 'rejected')
      strokeBoxes(context, crossesPath(view, boxes), palette.rim, { colour: palette.bad });
  }
  for (const face of session.found) {
    const here: SweepSelection = { kind: 'found', id: face.id };
    if (!isSame(session.selection, here) && !isSame(hover, here)) continue;
    const style = kinds[styleOf(face, session.isRejected(face.id))];
    strokeBoxes(context, boxesPath(view, [face.box]), palette.rim, { ...style, width: 2.6 });
  }
}

function drawSuggestions(context: CanvasRenderingContext2D, scene: SweepScene): void {
  const { view, session, palette } = scene;
  const open = session.openSuggestions;
  if (open.length === 0) return;
  const style = suggested(palette);
  strokeBoxes(
    context,
    boxesPath(
      view,
      open.map((one) => one.box as BoxTuple),
    ),
    palette.rim,
    style,
  );
  const next = session.suggestion;
  if (!next || session.drag || session.pen) return;
  const box = next.box as BoxTuple;
  strokeBoxes(context, boxesPath(view, [box]), palette.rim, { ...style, width: 2.8 });
  const corner = toScreen(view, imagePx(box[2], box[1]));
  const words = t('sweep.tagSuggested', {
    take: keyHint('takeSuggestion'),
    dismiss: keyHint('dismissSuggestion'),
  });
  drawTag(context, view, words, corner, palette);
}

function drawDrawn(context: CanvasRenderingContext2D, scene: SweepScene): void {
  const { view, session, palette } = scene;
  const { selection } = session;
  const others = session.drawn.filter((face) => !isSame(selection, { kind: 'drawn', key: face.key }));
  strokeBoxes(
    context,
    boxesPath(
      view,
      others.map((face) => face.box),
    ),
    palette.rim,
    { colour: palette.accent, width: 1.6 },
  );
  const chosen = selection?.kind === 'drawn' && session.drawn.find((face) => face.key === selection.key);
  if (!chosen) return;
  strokeBoxes(context, boxesPath(view, [chosen.box]), palette.rim, { colour: palette.accent, width: 2.4 });
  drawHandles(context, view, chosen.box, palette);
}

/** What is being drawn: its points so far and the box that they make. */
function drawUnderWay(context: CanvasRenderingContext2D, scene: SweepScene): void {
  const { view, session, palette } = scene;
  const { drag } = session;
  const points: readonly ImagePx[] =
    drag?.kind === 'new' ? [drag.from, drag.to] : drag?.kind === 'extremes' ? [...drag.points, drag.to] : [];
  if (points.length > 0) {
    const xs = points.map((p) => p.x);
    const ys = points.map((p) => p.y);
    const box: BoxTuple = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    strokeBoxes(context, boxesPath(view, [box]), palette.rim, { colour: palette.accent, dash: [5, 3] });
  }
  if (drag?.kind === 'extremes')
    for (const point of drag.points) drawCross(context, toScreen(view, point), 7, 1.5);
  if (session.pen) drawCross(context, toScreen(view, session.pen), 16, 3);
}

/** What the window shows four times as large: the pen's place, or a face too small to be judged. */
function magnifiedPlace({ view, session, hover }: SweepScene): ImagePx | null {
  const { drag, pen, selection } = session;
  if (pen) return pen;
  if (drag?.kind === 'new' || drag?.kind === 'extremes') return drag.to;
  if (drag) return null;
  const at = hover ?? selection;
  const box =
    at?.kind === 'found'
      ? session.found.find((face) => face.id === at.id)?.box
      : at?.kind === 'suggested'
        ? session.suggestions.find((one) => one.id === at.id)?.box
        : undefined;
  if (!box) return null;
  const [x1, y1, x2, y2] = box as BoxTuple;
  const isSmall = Math.min(x2 - x1, y2 - y1) * view.scale < JUDGED_FROM;
  return isSmall ? imagePx((x1 + x2) / 2, (y1 + y2) / 2) : null;
}

/**
 * The whole stage of one sweep. Reads the session, changes nothing. False: the photograph moved and was drawn in a
 * hurry; draw again when it rests.
 */
export function drawSweep(context: CanvasRenderingContext2D, scene: SweepScene): boolean {
  const { view, picture, layer, session, palette, hover } = scene;
  const { image } = session.item;
  const isFine = !picture || layer.draw(context, view, picture, image, palette.stage);
  if (!picture) {
    context.fillStyle = palette.stage;
    context.fillRect(0, 0, view.width, view.height);
  }
  if (scene.overlaysHidden) return isFine;
  drawFound(context, scene);
  drawSuggestions(context, scene);
  drawDrawn(context, scene);
  drawUnderWay(context, scene);
  const { selection } = session;
  const focus = session.found.find((face) => isSame(hover ?? selection, { kind: 'found', id: face.id }));
  if (focus && !session.drag && !session.pen) {
    const corner = toScreen(view, imagePx(focus.box[2], focus.box[1]));
    drawTag(context, view, describeFound(focus, session.isRejected(focus.id)), corner, palette);
  }
  const place = magnifiedPlace(scene);
  if (place && picture) drawMagnifier(context, view, picture, { x: 0, y: 0, ...image }, image, place);
  return isFine;
}
