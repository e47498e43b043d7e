/** What is selected on the stage of a face, in words: for those who do not see the canvas. */

import { t } from '../../i18n';
import { pointName } from '../../model/pointNames';
import { HIDDEN } from '../../model/labels';
import type { PartName } from '../../model/shapeMoves';
import type { FaceSession } from '../../store/faceSession';
import type { ShapeRefusal } from '../../store/pointEditor';
import type { BoxHandle } from '../../tools/box';
import { keyHint } from '../../tools/keyMap';

const PART_TEXTS = {
  left_brow: 'shape.partLeftBrow',
  right_brow: 'shape.partRightBrow',
  nose: 'shape.partNose',
  left_eye: 'shape.partLeftEye',
  right_eye: 'shape.partRightEye',
  lips: 'shape.partLips',
} as const satisfies Record<PartName, string>;

const HANDLE_TEXTS = {
  nw: 'shape.handleNw',
  n: 'shape.handleN',
  ne: 'shape.handleNe',
  e: 'shape.handleE',
  se: 'shape.handleSe',
  s: 'shape.handleS',
  sw: 'shape.handleSw',
  w: 'shape.handleW',
  move: 'shape.handleMove',
} as const satisfies Record<BoxHandle, string>;

const CLICKS = [
  { name: 'shape.leftEye', ask: 'shape.clickLeftEye' },
  { name: 'shape.rightEye', ask: 'shape.clickRightEye' },
  { name: 'shape.mouth', ask: 'shape.clickMouth' },
] as const;

export const partText = (name: PartName): string => t(PART_TEXTS[name]);

/** What the next of three clicks is for; null unless a fit is under way. */
export function nextClick(session: FaceSession): { name: string; ask: string } | null {
  const next = session.placing && CLICKS[session.placing.clicks.length];
  return next ? { name: t(next.name), ask: t(next.ask) } : null;
}

export function refusalText(why: ShapeRefusal): string {
  return t(`shape.${why}`);
}

export function describeStage(session: FaceSession): string {
  const click = nextClick(session);
  if (click) return click.ask;
  const { part, selection, labels } = session;
  if (part) return t('shape.partHandle', { part: partText(part.name), handle: t(HANDLE_TEXTS[part.handle]) });
  if (selection?.kind === 'box') {
    const [x1, y1, x2, y2] = labels.box.map((value) => value.toFixed(1));
    return t('shape.box', { x1: x1 ?? '', y1: y1 ?? '', x2: x2 ?? '', y2: y2 ?? '' });
  }
  if (selection?.kind !== 'point') return t('shape.nothingSelected');
  const { index } = selection;
  const name = pointName(index);
  const point = labels.landmarks?.points[index];
  if (!point) return t('shape.pointRemoved', { index, name, key: keyHint('restore') });
  const states = [
    labels.landmarks?.states[index] === HIDDEN ? t('shape.stateHidden') : t('shape.stateVisible'),
    session.isPinned(index) ? t('shape.statePinned') : '',
    session.uncertain.includes(index) ? t('shape.stateUncertain') : '',
  ];
  return t('shape.pointIs', {
    index,
    name,
    x: point.x.toFixed(2),
    y: point.y.toFixed(2),
    state: states.filter(Boolean).join(', '),
  });
}
