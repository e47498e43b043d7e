/** Commands that every stage has: history, zoom, forms. Each page adds its own and looks a press up in the key map. */

import type { CommandId, Where } from '../../tools/commands';
import { keyMap } from '../../tools/keyMap';
import type { Desk } from './desk.svelte';
import { viewing } from './viewing';

/** False: the command means nothing just now, so the press stays the browser's. */
export type Act<Actions> = (actions: Actions, event: KeyboardEvent) => boolean | undefined;
export type Commands<Actions> = Partial<Record<CommandId, Act<Actions>>>;

export interface StageActions {
  session: { undo(): void; redo(): void };
  desk: Desk;
  save: () => void;
}

/** An act that always means something. */
export function always<Actions>(act: (actions: Actions, event: KeyboardEvent) => void): Act<Actions> {
  return (actions, event) => {
    act(actions, event);
    return true;
  };
}

export const STAGE_COMMANDS: Commands<StageActions> = {
  save: always(({ save }, event) => {
    if (!event.repeat) save();
  }),
  undo: always(({ session }) => {
    session.undo();
  }),
  redo: always(({ session }) => {
    session.redo();
  }),
  skip: always(({ desk }) => {
    desk.toggle('skip');
  }),
  guide: always(({ desk }) => {
    desk.toggleGuide();
  }),
  keyMap: always(({ desk }) => {
    desk.toggle('keys');
  }),
  zoomIn: always(({ desk }) => desk.stage?.zoomBy(1.25)),
  zoomOut: always(({ desk }) => desk.stage?.zoomBy(0.8)),
  fit: always(({ desk }) => desk.stage?.fit()),
  darker: always(() => {
    viewing().step('brightness', -1);
  }),
  brighter: always(() => {
    viewing().step('brightness', 1);
  }),
  lessContrast: always(() => {
    viewing().step('contrast', -1);
  }),
  moreContrast: always(() => {
    viewing().step('contrast', 1);
  }),
  adjustCycle: always(() => {
    viewing().cycle();
  }),
};

/** One press of an arrow key, in CSS pixels of the photograph's way; four times as far with Shift. */
const PAN = 48;
const PANS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [PAN, 0],
  ArrowRight: [-PAN, 0],
  ArrowUp: [0, PAN],
  ArrowDown: [0, -PAN],
};

/** Arrow keys look further that way: while Space is held, and where they have nothing to nudge. */
export function panKey(event: KeyboardEvent, desk: Desk): boolean {
  const way = PANS[event.key];
  if (!way || event.altKey) return false;
  const times = event.shiftKey ? 4 : 1;
  desk.stage?.panBy(times * way[0], times * way[1]);
  return true;
}

/** Look a press up and do what it means; true if it meant something. */
export function runCommand<Actions>(
  event: KeyboardEvent,
  where: Where,
  commands: Commands<Actions>,
  actions: Actions,
): boolean {
  const id = keyMap().commandFor(event, where);
  return id !== null && commands[id]?.(actions, event) === true;
}
