import { imagePx, toScreen, type View } from '../model/coords';
import { CURVES } from '../model/ibug68';
import type { Labels, Landmarks } from '../model/labels';
import type { FaceSession } from '../store/faceSession';
import type { Picture } from '../store/pictures';
import { boxBetween } from '../tools/box';
import {
  drawClicks,
  drawDots,
  drawIndices,
  drawPartBox,
  drawPointer,
  drawRemoved,
  drawUncertain,
  POINT_RADIUS,
} from './drawPoints';
import { drawMagnifier } from './magnifier';
import { drawBox, drawCross, drawHandles, drawPicture, drawRing } from './marks';
import type { Palette } from './palette';
import { versionStyle } from './versionStyle';

/** Other labels of the same face, drawn behind the present ones. */
export interface Overlay {
  labels: Labels;
  /** 'A', 'B', ...: a colour and a dash each (versionStyle). */
  version: string;
}

export interface FaceScene {
  view: View;
  picture: Picture | null;
  session: FaceSession;
  palette: Palette;
  /** The point under the pointer, and whether its name shows. */
  hover: { index: number; named: boolean } | null;
  overlaysHidden: boolean;
  /** Whose places are shown hollow with a line to the present ones. */
  ghosts: Labels | null;
  overlays: readonly Overlay[];
  /** Every point shows its number. */
  indices: boolean;
  /** What the next of three clicks is for. */
  clickName: string | null;
  /** Points that a checker looks at just now. */
  marked: readonly number[];
}

const LINE = 1.4;
/** Ghosts closer than this to the present place say nothing, in CSS pixels. */
const GHOST_FROM = 2.5;

function strokeCurves(
  context: CanvasRenderingContext2D,
  view: View,
  landmarks: Landmarks,
  colourOf: (region: keyof Palette['region']) => string,
  alpha: number,
  dash: readonly number[] = [],
): void {
  context.save();
  context.lineWidth = LINE;
  context.lineJoin = 'round';
  context.globalAlpha = alpha;
  context.setLineDash([...dash]);
  for (const curve of CURVES) {
    const order = curve.closed ? [...curve.points, curve.points[0] ?? 0] : curve.points;
    context.beginPath();
    let drawing = false;
    for (const index of order) {
      const point = landmarks.points[index];
      if (!point) {
        drawing = false;
        continue;
      }
      const { x, y } = toScreen(view, point);
      if (drawing) context.lineTo(x, y);
      else context.moveTo(x, y);
      drawing = true;
    }
    context.strokeStyle = colourOf(curve.region);
    context.stroke();
  }
  context.restore();
}

/** Hollow earlier places with a dashed line to where the point is now. */
function drawGhosts(
  context: CanvasRenderingContext2D,
  scene: FaceScene,
  before: Landmarks,
  now: Landmarks,
): void {
  const { view, palette } = scene;
  context.save();
  for (const [index, was] of before.points.entries()) {
    const is = now.points[index];
    if (!was || !is) continue;
    const from = toScreen(view, was);
    const to = toScreen(view, is);
    if (Math.hypot(from.x - to.x, from.y - to.y) < GHOST_FROM) continue;
    context.beginPath();
    context.setLineDash([3, 3]);
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.strokeStyle = 'rgb(255 255 255 / 85%)';
    context.lineWidth = 1;
    context.stroke();
    drawRing(context, from, POINT_RADIUS + 0.5, '#ffffff', palette.rim);
  }
  context.restore();
}

function drawFaceBox(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, palette, session } = scene;
  const { labels, drag, awaitingBox } = session;
  if (awaitingBox) {
    drawBox(context, view, labels.box, palette.rim, { colour: palette.box, dash: [4, 4], width: 1 });
    const drawn = drag?.kind === 'newBox' ? boxBetween(drag.from, drag.to, session.item.image) : null;
    if (drawn) drawBox(context, view, drawn, palette.rim, { colour: palette.accent });
    return;
  }
  const selected = session.selection?.kind === 'box';
  drawBox(context, view, labels.box, palette.rim, { colour: selected ? palette.accent : palette.box });
  if (session.correcting) drawHandles(context, view, labels.box, palette);
}

/** Each version's letter on its box, one beside the other, so that equal boxes show all of them. */
function drawLetters(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, palette } = scene;
  context.save();
  context.font = palette.font;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const [place, { labels, version }] of scene.overlays.entries()) {
    const [x1, y1] = labels.box;
    const corner = toScreen(view, imagePx(x1, y1));
    const at = { x: corner.x + 12 + 22 * place, y: corner.y - 12 };
    context.fillStyle = palette.rim;
    context.beginPath();
    context.roundRect(at.x - 10, at.y - 9, 20, 18, 4);
    context.fill();
    context.fillStyle = palette.version[versionStyle(version).token] ?? palette.box;
    context.fillText(version, at.x, at.y + 0.5);
  }
  context.restore();
}

/** The whole stage of one face. Reads the session, changes nothing. */
export function drawFace(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, picture, session, palette } = scene;
  const { crop } = session.face;
  context.fillStyle = palette.stage;
  context.fillRect(0, 0, view.width, view.height);
  if (picture) drawPicture(context, view, picture, crop, session.item.image);
  if (scene.overlaysHidden) return;
  for (const { labels, version } of scene.overlays) {
    const style = versionStyle(version);
    const colour = palette.version[style.token] ?? palette.box;
    drawBox(context, view, labels.box, palette.rim, { colour, width: 1.4, dash: style.dash });
    if (labels.landmarks) strokeCurves(context, view, labels.landmarks, () => colour, 0.95, style.dash);
  }
  drawLetters(context, scene);
  const before = scene.ghosts?.box;
  if (
    before &&
    before.some((edge, i) => Math.abs(edge - (session.labels.box[i] ?? 0)) * view.scale > GHOST_FROM)
  )
    drawBox(context, view, before, palette.rim, { colour: palette.box, dash: [3, 3], width: 1 });
  drawFaceBox(context, scene);
  const { landmarks } = session.labels;
  if (landmarks) {
    strokeCurves(context, view, landmarks, (region) => palette.region[region], 0.9);
    if (scene.ghosts?.landmarks) drawGhosts(context, scene, scene.ghosts.landmarks, landmarks);
    for (const index of scene.marked) {
      const point = landmarks.points[index];
      if (point) drawRing(context, toScreen(view, point), POINT_RADIUS + 5, '#ffffff', palette.rim);
    }
    drawRemoved(context, scene);
    drawUncertain(context, scene, landmarks);
    drawDots(context, scene, landmarks);
    if (scene.indices) drawIndices(context, scene, landmarks);
    drawPartBox(context, scene);
    drawPointer(context, scene, landmarks);
    const { held } = session;
    if (held) {
      drawCross(context, toScreen(view, held), 16, 3);
      if (picture) {
        drawMagnifier(context, view, picture, crop, session.item.image, held, (inside, enlarged) => {
          strokeCurves(inside, enlarged, landmarks, (region) => palette.region[region], 0.8);
        });
      }
    }
  }
  drawClicks(context, scene);
}
