/** Keys while three clicks or a part's box are under way: arrows, Enter and ⌫ mean these then. */

import { imagePx, type ImagePx } from '../../model/coords';
import { boxSize } from '../../model/labels';
import type { FaceSession } from '../../store/faceSession';

/** Of the face's size, by one press of an arrow key; Shift goes five times as far, Alt a quarter of a pixel. */
const STEP = 0.02;

/** `delta`: an arrow key's displacement in image pixels, or null. True if the press was for the gesture. */
export function shapeKey(event: KeyboardEvent, session: FaceSession, delta: ImagePx | null): boolean {
  const { placing, part } = session;
  if (placing) {
    if (delta)
      session.moveCross(event.altKey ? delta : scaled(delta, STEP * boxSize(session.labels.box).scale));
    else if (event.key === 'Enter') session.fitClick(placing.cross);
    else return event.key === 'Backspace' && !event.shiftKey && session.unclick();
    return true;
  }
  if (part && event.key === 'Enter') return session.leaveMode();
  if (part && delta) {
    session.nudge(delta, event.repeat);
    return true;
  }
  return false;
}

const scaled = (p: ImagePx, factor: number): ImagePx => imagePx(p.x * factor, p.y * factor);
