import type { SweepSession } from '../../store/sweepSession';
import type { Desk } from './desk.svelte';
import { arrowDelta } from './faceKeys';
import { always, runCommand, STAGE_COMMANDS, type Commands } from './stageCommands';

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
  const { session } = actions;
  if (!event.ctrlKey && !event.metaKey) {
    const delta = arrowDelta(event, 0);
    if (delta) {
      if (session.selection?.kind !== 'drawn') return false;
      session.nudge(delta, event.repeat);
      return true;
    }
    if (event.key === 'Escape') return escape(actions);
  }
  return runCommand(event, 'sweep', SWEEP_COMMANDS, actions);
}
