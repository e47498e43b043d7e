import { imagePx, toScreen, type ImagePx, type View } from '../model/coords';
import { CURVES, pointName, REGIONS, regionOf } from '../model/ibug68';
import { HIDDEN, type Labels, type Landmarks } from '../model/labels';
import type { FaceSession } from '../store/faceSession';
import type { Picture } from '../store/pictures';
import { boxBetween } from '../tools/box';
import { drawMagnifier } from './magnifier';
import { drawBox, drawCross, drawHandles, drawPicture, drawRing, drawTag } from './marks';
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
}

const POINT_RADIUS = 3;
const RIM = 1.2;
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

function drawDots(context: CanvasRenderingContext2D, scene: FaceScene, landmarks: Landmarks): void {
  const { view, palette, session } = scene;
  const dragged = session.drag?.kind === 'point' ? session.drag.index : null;
  for (const region of REGIONS) {
    const solid = new Path2D();
    const hollow = new Path2D();
    for (const index of region.points) {
      const point = landmarks.points[index];
      if (!point || index === dragged) continue;
      const { x, y } = toScreen(view, point);
      const path = landmarks.states[index] === HIDDEN ? hollow : solid;
      path.moveTo(x + POINT_RADIUS, y);
      path.arc(x, y, POINT_RADIUS, 0, 2 * Math.PI);
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

function drawRemoved(context: CanvasRenderingContext2D, scene: FaceScene): void {
  const { view, palette, session } = scene;
  for (const [index, place] of session.ghosts.entries()) {
    if (!place) continue;
    drawRing(
      context,
      toScreen(view, place),
      POINT_RADIUS + 0.5,
      palette.region[regionOf(index)],
      palette.rim,
      [2, 2],
    );
  }
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

function drawPointer(context: CanvasRenderingContext2D, scene: FaceScene, landmarks: Landmarks): void {
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
  drawFaceBox(context, scene);
  const { landmarks } = session.labels;
  if (landmarks) {
    strokeCurves(context, view, landmarks, (region) => palette.region[region], 0.9);
    if (scene.ghosts?.landmarks) drawGhosts(context, scene, scene.ghosts.landmarks, landmarks);
    drawRemoved(context, scene);
    drawDots(context, scene, landmarks);
    drawPointer(context, scene, landmarks);
    const { drag } = session;
    const held = drag?.kind === 'point' ? landmarks.points[drag.index] : null;
    if (held) {
      drawCross(context, toScreen(view, held), 16, 3);
      if (picture) {
        drawMagnifier(context, view, picture, crop, session.item.image, held, (inside, enlarged) => {
          strokeCurves(inside, enlarged, landmarks, (region) => palette.region[region], 0.8);
        });
      }
    }
  }
}
