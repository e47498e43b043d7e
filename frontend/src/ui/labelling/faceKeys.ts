import { imagePx } from '../../model/coords';
import type { FaceSession } from '../../store/faceSession';
import { ethnicityKeys, flagKeys, genderKeys, nudgeStep } from '../../tools/keys';
import type { Desk } from './desk.svelte';
import { disputeKey, toggleMerge } from './mergeKeys';

export interface FaceActions {
  session: FaceSession;
  desk: Desk;
  save: () => void;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** An arrow key's displacement in image pixels, along the screen's axes although the face is turned. */
export function arrowDelta(event: KeyboardEvent, rollDegrees: number): { x: number; y: number } | null {
  const arrow = ARROWS[event.key];
  if (!arrow) return null;
  const step = nudgeStep({ shift: event.shiftKey, alt: event.altKey });
  const angle = (rollDegrees * Math.PI) / 180;
  const [dx, dy] = [arrow[0] * step, arrow[1] * step];
  return imagePx(Math.cos(angle) * dx - Math.sin(angle) * dy, Math.sin(angle) * dx + Math.cos(angle) * dy);
}

/** Undo and redo; true if the event was one of them. */
export function undoKey(event: KeyboardEvent, session: { undo(): void; redo(): void }): boolean {
  if (!event.ctrlKey && !event.metaKey) return false;
  const key = event.key.toLowerCase();
  if (key === 'z' && !event.shiftKey) session.undo();
  else if (key === 'y' || (key === 'z' && event.shiftKey)) session.redo();
  else return false;
  return true;
}

/** Zoom and fit; true if the event was one of them. */
export function zoomKey(event: KeyboardEvent, desk: Desk): boolean {
  if (event.key === '+' || event.key === '=') desk.stage?.zoomBy(1.25);
  else if (event.key === '-') desk.stage?.zoomBy(0.8);
  else if (event.key === 'z') desk.stage?.fit();
  else return false;
  return true;
}

function escape({ session, desk }: FaceActions): boolean {
  if (session.drag) session.cancelDrag();
  else if (session.awaitingBox) session.awaitBox(false);
  else if (desk.form) desk.close();
  else if (session.selection) session.select(null);
  desk.stage?.focus();
  return true;
}

function digit(event: KeyboardEvent, { session }: FaceActions): boolean {
  if (!/^[0-9]$/.test(event.key)) return false;
  if (session.ageEntry.active) session.typeDigit(event.key);
  else {
    const choice = ethnicityKeys(session.policy).find((one) => one.key === event.key);
    if (choice) session.choose('ethnicity', choice.value);
  }
  return true;
}

function letter(event: KeyboardEvent, actions: FaceActions): boolean {
  const { session, desk } = actions;
  const key = event.key.toLowerCase();
  const isCheck = session.item.kind === 'check';
  const commands: Record<string, () => void> = {
    a: () => {
      session.restoreSelected();
    },
    h: () => {
      session.toggleHidden();
    },
    l: () => {
      session.toggleLandmarks();
    },
    j: () => {
      desk.toggle('ask');
    },
    n: () => {
      session.awaitBox(!session.awaitingBox);
    },
    r: () => {
      session.remedy();
    },
    s: () => {
      desk.toggle('skip');
    },
    y: () => {
      session.retypeAge();
    },
    ...(isCheck
      ? {
          c: () => {
            session.startCorrecting();
          },
          d: () => {
            desk.toggle('dispute');
          },
        }
      : {}),
    ...(session.item.kind === 'adjudicate'
      ? {
          m: () => {
            toggleMerge(session, desk);
          },
          u: () => {
            desk.toggle('send_back');
          },
        }
      : {}),
  };
  const command = commands[key];
  if (command) {
    command();
    return true;
  }
  const gender = genderKeys(session.policy).find((one) => one.key === key);
  const flag = flagKeys(session.policy).find((one) => one.key === key);
  if (gender) session.choose('gender', gender.value);
  else if (flag) session.toggleFlag(flag.value);
  else return false;
  return true;
}

/** One key press on the face page; true if it meant something. */
export function faceKey(event: KeyboardEvent, actions: FaceActions): boolean {
  const { session, desk } = actions;
  if (undoKey(event, session)) return true;
  if (event.ctrlKey || event.metaKey) return false;
  if (disputeKey(event, session, desk)) return true;
  const delta = arrowDelta(event, session.face.roll);
  if (delta) {
    if (!session.selection) return false;
    session.nudge(delta, event.repeat);
    return true;
  }
  if (event.altKey) return false;
  switch (event.key) {
    case 'Enter':
      if (!event.repeat) actions.save();
      return true;
    case 'Escape':
      return escape(actions);
    case 'Delete':
    case 'Backspace':
      if (event.shiftKey) return false;
      session.removeSelected();
      return true;
    case '?':
      desk.toggle('keys');
      return true;
    default:
      return zoomKey(event, desk) || digit(event, actions) || letter(event, actions);
  }
}
