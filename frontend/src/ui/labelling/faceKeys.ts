import { imagePx } from '../../model/coords';
import type { FaceSession } from '../../store/faceSession';
import { ethnicityKeys, flagKeys, genderKeys, nudgeStep, pressedClass } from '../../tools/keys';
import { stepChange } from './changeKeys';
import type { Desk } from './desk.svelte';
import { disputeKey, toggleMerge } from './mergeKeys';
import { shapeKey } from './shapeKeys';
import { always, panKey, runCommand, STAGE_COMMANDS, type Commands } from './stageCommands';

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
export function arrowDelta(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'altKey'>,
  rollDegrees: number,
): { x: number; y: number } | null {
  const arrow = ARROWS[event.key];
  if (!arrow) return null;
  const step = nudgeStep({ shift: event.shiftKey, alt: event.altKey });
  const angle = (rollDegrees * Math.PI) / 180;
  const [dx, dy] = [arrow[0] * step, arrow[1] * step];
  return imagePx(Math.cos(angle) * dx - Math.sin(angle) * dy, Math.sin(angle) * dx + Math.cos(angle) * dy);
}

const FACE_COMMANDS: Commands<FaceActions> = {
  ...STAGE_COMMANDS,
  ask: always(({ desk }) => {
    desk.toggle('ask');
  }),
  correct: always(({ session }) => {
    session.startCorrecting();
  }),
  dispute: always(({ desk }) => {
    desk.toggle('dispute');
  }),
  nextChange: ({ session, desk }) => stepChange({ session, desk }, 1),
  previousChange: ({ session, desk }) => stepChange({ session, desk }, -1),
  merge: always(({ session, desk }) => {
    toggleMerge(session, desk);
  }),
  sendBack: always(({ desk }) => {
    desk.toggle('send_back');
  }),
  hide: always(({ session }) => {
    session.toggleHidden();
  }),
  remove: always(({ session }) => {
    session.removeSelected();
  }),
  restore: always(({ session }) => {
    session.restoreSelected();
  }),
  landmarks: always(({ session }) => {
    session.toggleLandmarks();
  }),
  pin: always(({ session }) => {
    session.togglePin();
  }),
  nextUncertain: always(({ session }) => {
    session.nextUncertain(1);
  }),
  previousUncertain: always(({ session }) => {
    session.nextUncertain(-1);
  }),
  threeClicks: always(({ session }) => {
    session.toggleFit();
  }),
  mirror: always(({ session }) => {
    session.mirror();
  }),
  mirrorBack: always(({ session }) => {
    session.mirror(session.mirrorSource === 'left' ? 'right' : 'left');
  }),
  refitPart: always(({ session }) => {
    session.togglePartFit();
  }),
  plainDragging: always(({ session }) => {
    session.habits.togglePlain();
  }),
  slideJaw: always(({ session }) => {
    session.habits.toggleSliding();
  }),
  indices: always(({ session }) => {
    session.habits.toggleIndices();
  }),
  newBox: always(({ session }) => {
    session.awaitBox(!session.awaitingBox);
  }),
  retypeAge: always(({ session }) => {
    session.retypeAge();
  }),
  remedy: always(({ session }) => {
    session.remedy();
  }),
};

function escape({ session, desk }: FaceActions): boolean {
  if (session.drag) session.cancelDrag();
  else if (session.awaitingBox) session.awaitBox(false);
  else if (session.leaveMode()) desk.stage?.focus();
  else if (desk.form) desk.close();
  else if (session.selection) session.select(null);
  desk.stage?.focus();
  return true;
}

/** A digit is the age's as long as it is being typed, then an ethnicity's. */
function digit(event: KeyboardEvent, { session }: FaceActions): boolean {
  if (!/^[0-9]$/.test(event.key)) return false;
  if (session.ageEntry.active) session.typeDigit(event.key);
  else {
    const choice = ethnicityKeys(session.policy).find((one) => one.key === event.key);
    if (choice) session.choose('ethnicity', choice.value);
  }
  return true;
}

/** The key of a gender or a flag of the policy. */
function classKey(event: KeyboardEvent, { session }: FaceActions): boolean {
  const gender = pressedClass(event, genderKeys(session.policy));
  const flag = pressedClass(event, flagKeys(session.policy));
  if (gender) session.choose('gender', gender.value);
  else if (flag) session.toggleFlag(flag.value);
  else return false;
  return true;
}

/** One key press on the face page; true if it meant something. */
export function faceKey(event: KeyboardEvent, actions: FaceActions): boolean {
  const { session, desk } = actions;
  const { kind } = session.item;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!event.ctrlKey && !event.metaKey) {
    if (disputeKey(event, session, desk)) return true;
    const delta = arrowDelta(event, session.face.roll);
    if (shapeKey(event, session, delta)) return true;
    if ((desk.alone || !session.selection) && panKey(event, desk)) return true;
    if (delta) {
      session.nudge(delta, event.repeat);
      return true;
    }
  }
  if (isPlain && event.key === 'Escape') return escape(actions);
  return (
    runCommand(event, kind, FACE_COMMANDS, actions) ||
    (isPlain && digit(event, actions)) ||
    classKey(event, actions)
  );
}
