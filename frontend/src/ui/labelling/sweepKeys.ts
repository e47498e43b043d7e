import type { SweepSession } from '../../store/sweepSession';
import type { Desk } from './desk.svelte';
import { arrowDelta } from './faceKeys';
import { always, panKey, runCommand, STAGE_COMMANDS, type Commands } from './stageCommands';

export interface SweepActions {
  session: SweepSession;
  desk: Desk;
  save: () => void;
}

const SWEEP_COMMANDS: Commands<SweepActions> = {
  ...STAGE_COMMANDS,
  notAFace: always(({ session }) => {
    session.rejectSelected();
  }),
};

function escape({ session, desk }: SweepActions): boolean {
  if (session.drag) session.cancelDrag();
  else if (desk.form) desk.close();
  else session.select(null);
  desk.stage?.focus();
  return true;
}

/** One key press on the sweep page; true if it meant something. */
export function sweepKey(event: KeyboardEvent, actions: SweepActions): boolean {
  const { session, desk } = actions;
  if (!event.ctrlKey && !event.metaKey) {
    if ((desk.alone || session.selection?.kind !== 'drawn') && panKey(event, desk)) return true;
    const delta = arrowDelta(event, 0);
    if (delta) {
      session.nudge(delta, event.repeat);
      return true;
    }
    if (event.key === 'Escape') return escape(actions);
  }
  return runCommand(event, 'sweep', SWEEP_COMMANDS, actions);
}
