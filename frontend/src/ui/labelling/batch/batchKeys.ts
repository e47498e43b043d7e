import type { Policy } from '../../../api/types';
import type { BatchQuestion } from '../../../model/batch';
import type { BatchSession } from '../../../store/batchSession';
import { ethnicityKeys, flagKeys, genderKeys, pressedClass, type ClassKey } from '../../../tools/keys';
import type { Desk } from '../desk.svelte';
import { always, runCommand, type Commands } from '../stageCommands';

export interface BatchActions {
  session: BatchSession;
  desk: Desk;
  policy: Policy;
  columns: number;
  /** What the primary button does just now. */
  primary: () => void;
  nextQuestion: () => void;
  oneByOne: () => void;
}

const COMMANDS: Commands<BatchActions> = {
  confirmScreen: always(({ primary }, event) => {
    if (!event.repeat) primary();
  }),
  nextQuestion: always(({ nextQuestion }) => {
    nextQuestion();
  }),
  oneByOne: always(({ oneByOne }) => {
    oneByOne();
  }),
  undo: always(({ session }) => {
    session.undo();
  }),
  redo: always(({ session }) => {
    session.redo();
  }),
  guide: always(({ desk }) => {
    desk.toggleGuide();
  }),
  keyMap: always(({ desk }) => {
    desk.toggle('keys');
  }),
};

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The keys that answer the question: the same as on the page of one face. */
export function answerKeys(question: BatchQuestion, policy: Policy): ClassKey[] {
  if (question.kind === 'flag') return flagKeys(policy).filter(({ value }) => value === question.flag);
  return question.id === 'gender' ? genderKeys(policy) : ethnicityKeys(policy);
}

/** One key press on the screenful; true if it meant something. */
export function batchKey(event: KeyboardEvent, actions: BatchActions): boolean {
  const { session, desk, policy, columns } = actions;
  const arrow = ARROWS[event.key];
  if (arrow) session.step(...arrow, columns);
  else if (event.key === 'Home') session.choose(0);
  else if (event.key === 'End') session.choose(session.cells.length - 1);
  else if (event.key === ' ') session.flip();
  else if (event.key === 'Escape') desk.close();
  else {
    const answer = pressedClass(event, answerKeys(session.question, policy));
    if (!answer) return runCommand(event, 'batch', COMMANDS, actions);
    if (session.question.kind === 'flag') session.flip();
    else session.answer(answer.value);
  }
  return true;
}
