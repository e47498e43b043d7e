/** Every command of the labelling pages with its usual keys: the handlers, the buttons' hints and the key map read it. */

import type { PlainKey } from '../i18n';

/** Kinds of work; two commands may share a key only where they never meet. */
export type Where = 'annotate' | 'check' | 'adjudicate' | 'sweep' | 'batch';

export type CommandGroup = 'work' | 'points' | 'labels' | 'picture' | 'boxes';

export interface Command {
  /** Stable: people's own keys are stored by it. */
  readonly id: string;
  /** Usual keys as tinykeys writes them; `$mod` is Ctrl, or ⌘ on a Mac. The first is shown. */
  readonly keys: readonly string[];
  readonly where: readonly Where[];
  readonly group: CommandGroup;
  readonly name: PlainKey;
}

const FACE = ['annotate', 'check', 'adjudicate'] as const;
const STAGE = [...FACE, 'sweep'] as const;
const ALL = [...STAGE, 'batch'] as const;

export const COMMANDS = [
  { id: 'save', keys: ['Enter'], where: STAGE, group: 'work', name: 'keys.save' },
  { id: 'confirmScreen', keys: ['Enter'], where: ['batch'], group: 'work', name: 'batch.keyConfirm' },
  { id: 'nextQuestion', keys: ['n'], where: ['batch'], group: 'work', name: 'batch.keyNext' },
  { id: 'oneByOne', keys: ['s'], where: ['batch'], group: 'work', name: 'batch.keyOneByOne' },
  { id: 'undo', keys: ['$mod+z'], where: ALL, group: 'work', name: 'keys.undo' },
  { id: 'redo', keys: ['$mod+Shift+z', '$mod+y'], where: ALL, group: 'work', name: 'keys.redo' },
  { id: 'goBack', keys: ['Shift+Backspace'], where: STAGE, group: 'work', name: 'keys.goBack' },
  { id: 'skip', keys: ['s'], where: STAGE, group: 'work', name: 'keys.skip' },
  { id: 'ask', keys: ['j'], where: FACE, group: 'work', name: 'keys.ask' },
  { id: 'correct', keys: ['c'], where: ['check'], group: 'work', name: 'keys.correct' },
  { id: 'dispute', keys: ['d'], where: ['check'], group: 'work', name: 'keys.dispute' },
  { id: 'nextChange', keys: [';'], where: ['check'], group: 'work', name: 'check.keyNext' },
  { id: 'previousChange', keys: ["'"], where: ['check'], group: 'work', name: 'check.keyPrevious' },
  { id: 'merge', keys: ['m'], where: ['adjudicate'], group: 'work', name: 'keys.merge' },
  { id: 'sendBack', keys: ['u'], where: ['adjudicate'], group: 'work', name: 'keys.sendBack' },
  { id: 'guide', keys: ['g'], where: ALL, group: 'work', name: 'keys.guide' },
  { id: 'keyMap', keys: ['?'], where: ALL, group: 'work', name: 'keys.keyMap' },

  { id: 'pin', keys: ['p'], where: FACE, group: 'points', name: 'keys.pin' },
  { id: 'hide', keys: ['h'], where: FACE, group: 'points', name: 'keys.hide' },
  { id: 'remove', keys: ['Delete', 'Backspace'], where: FACE, group: 'points', name: 'keys.remove' },
  { id: 'restore', keys: ['a'], where: FACE, group: 'points', name: 'keys.restore' },
  { id: 'nextUncertain', keys: ['.'], where: FACE, group: 'points', name: 'keys.nextUncertain' },
  { id: 'previousUncertain', keys: [','], where: FACE, group: 'points', name: 'keys.previousUncertain' },
  { id: 'threeClicks', keys: ['t'], where: FACE, group: 'points', name: 'keys.threeClicks' },
  { id: 'mirror', keys: ['f'], where: FACE, group: 'points', name: 'keys.mirror' },
  { id: 'mirrorBack', keys: ['Shift+f'], where: FACE, group: 'points', name: 'keys.mirrorBack' },
  { id: 'refitPart', keys: ['Shift+b'], where: FACE, group: 'points', name: 'keys.refitPart' },
  { id: 'slideJaw', keys: ['Shift+k'], where: FACE, group: 'points', name: 'keys.slideJaw' },
  { id: 'plainDragging', keys: ['k'], where: FACE, group: 'points', name: 'keys.plainDragging' },
  { id: 'landmarks', keys: ['l'], where: FACE, group: 'points', name: 'keys.landmarks' },
  { id: 'newBox', keys: ['n'], where: FACE, group: 'points', name: 'keys.newBox' },

  { id: 'retypeAge', keys: ['y'], where: FACE, group: 'labels', name: 'keys.retypeAge' },
  { id: 'remedy', keys: ['r'], where: FACE, group: 'labels', name: 'keys.remedy' },

  {
    id: 'notAFace',
    keys: ['x', 'Delete', 'Backspace'],
    where: ['sweep'],
    group: 'boxes',
    name: 'keys.notAFace',
  },
  { id: 'takeSuggestion', keys: ['v'], where: ['sweep'], group: 'boxes', name: 'keys.takeSuggestion' },
  {
    id: 'dismissSuggestion',
    keys: ['Shift+v'],
    where: ['sweep'],
    group: 'boxes',
    name: 'keys.dismissSuggestion',
  },
  { id: 'extremeClicks', keys: ['e'], where: ['sweep'], group: 'boxes', name: 'keys.extremeClicks' },
  { id: 'drawByKeys', keys: ['b'], where: ['sweep'], group: 'boxes', name: 'sweep.keyDrawByKeys' },
  { id: 'rejectPhoto', keys: ['r'], where: ['sweep'], group: 'labels', name: 'sweep.keyReject' },
  { id: 'quarantinePhoto', keys: ['q'], where: ['sweep'], group: 'labels', name: 'sweep.keyQuarantine' },
  { id: 'turnLeft', keys: ['l'], where: ['sweep'], group: 'labels', name: 'sweep.keyTurnLeft' },
  { id: 'turnRight', keys: ['t'], where: ['sweep'], group: 'labels', name: 'sweep.keyTurnRight' },
  { id: 'upsideDown', keys: ['u'], where: ['sweep'], group: 'labels', name: 'sweep.keyUpsideDown' },

  { id: 'zoomIn', keys: ['+', '='], where: STAGE, group: 'picture', name: 'keys.zoomIn' },
  { id: 'zoomOut', keys: ['-'], where: STAGE, group: 'picture', name: 'keys.zoomOut' },
  { id: 'fit', keys: ['z'], where: STAGE, group: 'picture', name: 'keys.fit' },
  { id: 'indices', keys: ['i'], where: FACE, group: 'picture', name: 'keys.indices' },
  { id: 'darker', keys: ['['], where: STAGE, group: 'picture', name: 'keys.darker' },
  { id: 'brighter', keys: [']'], where: STAGE, group: 'picture', name: 'keys.brighter' },
  { id: 'lessContrast', keys: ['{'], where: STAGE, group: 'picture', name: 'keys.lessContrast' },
  { id: 'moreContrast', keys: ['}'], where: STAGE, group: 'picture', name: 'keys.moreContrast' },
  { id: 'adjustCycle', keys: ['\\'], where: STAGE, group: 'picture', name: 'keys.adjustCycle' },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** Keys that cannot be changed, because they carry a direction, a number, a letter of a version or a held state. */
export const FIXED_KEYS: readonly {
  keys: string;
  where: readonly Where[];
  group: CommandGroup;
  name: PlainKey;
}[] = [
  { keys: 'Tab', where: FACE, group: 'points', name: 'keys.nextPoint' },
  { keys: '← ↑ → ↓', where: FACE, group: 'points', name: 'keys.nudgePoint' },
  { keys: '0–9', where: FACE, group: 'labels', name: 'keys.digits' },
  { keys: 'Shift A', where: ['adjudicate'], group: 'work', name: 'keys.takeVersion' },
  { keys: 'Alt A', where: ['adjudicate'], group: 'work', name: 'keys.drawVersion' },
  { keys: 'Tab', where: ['sweep'], group: 'boxes', name: 'keys.nextFace' },
  { keys: '← ↑ → ↓', where: ['sweep'], group: 'boxes', name: 'keys.nudgeBox' },
  { keys: 'Ctrl ← ↑ → ↓', where: ['sweep'], group: 'boxes', name: 'sweep.keyResize' },
  { keys: 'Space', where: STAGE, group: 'picture', name: 'keys.alone' },
  { keys: '← ↑ → ↓', where: ['batch'], group: 'labels', name: 'batch.keyArrows' },
  { keys: 'Space', where: ['batch'], group: 'labels', name: 'batch.keyFlip' },
  { keys: '0–9', where: ['batch'], group: 'labels', name: 'batch.keyDigits' },
  { keys: 'F6', where: STAGE, group: 'work', name: 'keys.otherPane' },
  { keys: 'Esc', where: ALL, group: 'work', name: 'keys.leave' },
];
