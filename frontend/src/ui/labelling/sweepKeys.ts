import type { ImageVerdict } from '../../api/types';
import { imagePx } from '../../model/coords';
import type { SweepSession } from '../../store/sweepSession';
import type { Desk } from './desk.svelte';
import { arrowDelta } from './faceKeys';
import { always, panKey, runCommand, STAGE_COMMANDS, type Commands } from './stageCommands';
import { VERDICT_REASONS } from './verdicts';

export interface SweepActions {
  session: SweepSession;
  desk: Desk;
  save: () => void;
}

const decide = (verdict: ImageVerdict) =>
  always<SweepActions>(({ session }) => {
    session.decide(verdict);
  });

/** Nobody takes what they have not seen: the first press shows a suggestion that is out of sight or too small. */
function answer({ session, desk }: SweepActions, act: () => void): void {
  const { suggestion } = session;
  if (!suggestion) return;
  if (desk.stage?.show(suggestion.box)) {
    session.select({ kind: 'suggested', id: suggestion.id });
    return;
  }
  act();
  const next = session.suggestion;
  if (next) desk.stage?.show(next.box);
}

export function takeSuggestion(actions: SweepActions): void {
  answer(actions, () => {
    actions.session.takeSuggestion();
  });
}

export function dismissSuggestion(actions: SweepActions): void {
  answer(actions, () => {
    actions.session.dismissSuggestion();
  });
}

/** Boxes by two corners, or by four extreme points. */
export function toggleExtremes({ session, desk }: SweepActions): void {
  session.cancelDrag();
  desk.extremes = !desk.extremes;
}

export function togglePen({ session, desk }: SweepActions): void {
  const middle = desk.stage?.middle();
  if (session.pen) session.putPenDown();
  else if (middle) session.takePen(middle.at);
  desk.stage?.focus();
}

const SWEEP_COMMANDS: Commands<SweepActions> = {
  ...STAGE_COMMANDS,
  notAFace: always(({ session }) => {
    session.rejectSelected();
  }),
  takeSuggestion: always(takeSuggestion),
  dismissSuggestion: always(dismissSuggestion),
  extremeClicks: always(toggleExtremes),
  drawByKeys: always(togglePen),
  rejectPhoto: decide('reject'),
  quarantinePhoto: decide('quarantine'),
  turnLeft: decide('rotate270'),
  turnRight: decide('rotate90'),
  upsideDown: decide('rotate180'),
};

function escape({ session, desk }: SweepActions): boolean {
  if (session.drag) session.cancelDrag();
  else if (session.pen) session.putPenDown();
  else if (desk.form) desk.close();
  else session.select(null);
  desk.stage?.focus();
  return true;
}

/** How far one press moves the pen, in CSS pixels: to the place in big steps, onto it in small ones. */
const PEN_STEPS = { plain: 8, far: 48, fine: 1 } as const;

/** Keys of the pen, while it is held. */
function penKey(event: KeyboardEvent, { session, desk }: SweepActions): boolean {
  if (event.key === 'Enter') {
    if (!event.repeat) session.pressPen(desk.extremes);
    return true;
  }
  const way = arrowDelta({ key: event.key, shiftKey: false, altKey: false }, 0);
  const scale = desk.stage?.middle()?.scale;
  if (!way || !scale) return false;
  const step = (event.shiftKey ? PEN_STEPS.far : event.altKey ? PEN_STEPS.fine : PEN_STEPS.plain) / scale;
  session.movePen(imagePx(way.x * step, way.y * step));
  return true;
}

/** Digits choose or clear a reason while the photograph's verdict needs one. */
function reasonKey(event: KeyboardEvent, session: SweepSession): boolean {
  const reason = session.needsReason ? VERDICT_REASONS[Number(event.key) - 1] : undefined;
  if (!reason) return false;
  session.explain(session.reason === reason.value ? '' : reason.value);
  return true;
}

/** One key press on the sweep page; true if it meant something. */
export function sweepKey(event: KeyboardEvent, actions: SweepActions): boolean {
  const { session, desk } = actions;
  const isDrawn = session.selection?.kind === 'drawn';
  if (event.key.startsWith('Arrow') && isDrawn && (event.ctrlKey || event.metaKey)) {
    const delta = arrowDelta(event, 0);
    if (delta) session.stretch(delta, event.repeat);
    return true;
  }
  if (!event.ctrlKey && !event.metaKey) {
    if (event.key === 'Escape') return escape(actions);
    if (event.key === 'Backspace' && !event.shiftKey && session.takeClickBack()) return true;
    if (session.pen && penKey(event, actions)) return true;
    if ((desk.alone || !isDrawn) && panKey(event, desk)) return true;
    const delta = arrowDelta(event, 0);
    if (delta) {
      session.nudge(delta, event.repeat);
      return true;
    }
    if (reasonKey(event, session)) return true;
  }
  return runCommand(event, 'sweep', SWEEP_COMMANDS, actions);
}
