/** Which key does what on the labelling pages: one table for the handler, the buttons' hints and the help. */

import type { Policy } from '../api/types';

export interface ClassKey {
  value: string;
  key: string;
}

const GENDER_KEYS = ['w', 'e', 't', 'k'];
/** Letters that already do something, so that no flag of a policy takes them. */
const TAKEN = new Set([
  'w',
  'e',
  't',
  'k',
  'q',
  'a',
  'h',
  's',
  'c',
  'd',
  'r',
  'n',
  'l',
  'y',
  'z',
  'g',
  'j',
  'm',
  'u',
]);
const FLAG_KEYS: Readonly<Record<string, string>> = {
  occluded: 'o',
  blurred: 'b',
  profile: 'p',
  not_a_face: 'x',
};

/** W, E, … for the genders of the policy; Q for "cannot tell". */
export function genderKeys(policy: Policy): ClassKey[] {
  return [
    ...policy.genders.map((value, i) => ({ value, key: GENDER_KEYS[i] ?? '' })),
    { value: policy.cannot_tell, key: 'q' },
  ];
}

/** 1 to 9 for the ethnicities of the policy; 0 for "cannot tell". */
export function ethnicityKeys(policy: Policy): ClassKey[] {
  return [
    ...policy.ethnicities.map((value, i) => ({ value, key: i < 9 ? String(i + 1) : '' })),
    { value: policy.cannot_tell, key: '0' },
  ];
}

/** The known flags keep their letters; a policy's own flags get the first free letter of their name, else any. */
export function flagKeys(policy: Policy): ClassKey[] {
  const used = new Set([...TAKEN, ...Object.values(FLAG_KEYS)]);
  return Object.keys(policy.flags).map((value) => {
    const fixed = FLAG_KEYS[value];
    if (fixed !== undefined) return { value, key: fixed };
    const key = [...value.toLowerCase(), ...'abcdefghijklmnopqrstuvwxyz'].find(
      (letter) => /[a-z]/.test(letter) && !used.has(letter),
    );
    if (key !== undefined) used.add(key);
    return { value, key: key ?? '' };
  });
}

/** 'not_a_face' -> 'Not a face' */
export function spokenName(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** How far an arrow key moves a point, in image pixels. */
export function nudgeStep(modifiers: { shift: boolean; alt: boolean }): number {
  return modifiers.shift ? 5 : modifiers.alt ? 0.25 : 1;
}

export const FACE_KEYS: readonly { keys: string; does: string }[] = [
  { keys: 'Enter', does: 'Save (or accept) and show the next face' },
  { keys: '0–9', does: 'Age, two digits; once it is given, ethnicity' },
  { keys: 'Y', does: 'Type the age again' },
  { keys: 'Tab', does: 'Next point (Shift: previous)' },
  { keys: 'Arrows', does: 'Move the point by 1 px (Shift: 5, Alt: 0.25)' },
  { keys: 'Delete', does: 'Remove the point; with the box chosen: draw it anew' },
  { keys: 'A', does: 'Put a removed point back' },
  { keys: 'H', does: 'Point hidden or visible' },
  { keys: 'L', does: 'Add or remove all landmarks' },
  { keys: 'N', does: 'Draw a new box' },
  { keys: 'R', does: 'Solve a conflict with the policy' },
  { keys: 'Ctrl Z', does: 'Undo (Ctrl Shift Z: redo)' },
  { keys: 'Shift ⌫', does: 'Back to the face you submitted last' },
  { keys: '+ −', does: 'Zoom (also the wheel); Z: whole face' },
  { keys: 'Space', does: 'Hold: the photograph alone; drag: move it' },
  { keys: 'S', does: 'Skip this face, with a reason' },
  { keys: 'J', does: 'Ask a question about this face' },
  { keys: 'C', does: 'In a check: correct the labels' },
  { keys: 'D', does: 'In a check: dispute, with a reason' },
  { keys: 'Shift A', does: 'In a dispute: take version A whole (B, C … likewise)' },
  { keys: 'Alt A', does: 'In a dispute: draw version A or not' },
  { keys: 'M', does: 'In a dispute: put versions together; ↑ ↓ choose a part, A, B, C … take it' },
  { keys: 'U', does: 'In a dispute: send the face back to its author' },
  { keys: 'Esc', does: 'Leave what is open' },
];

export const SWEEP_KEYS: readonly { keys: string; does: string }[] = [
  { keys: 'Enter', does: 'Save and show the next photograph' },
  { keys: 'Drag', does: 'Draw the box of a missed face (or two clicks at its corners)' },
  { keys: 'Tab', does: 'Next face (Shift: previous)' },
  { keys: 'X', does: 'Not a face (again: it is one)' },
  { keys: 'Delete', does: 'Remove a drawn box, or reject a found one' },
  { keys: 'Arrows', does: 'Move a drawn box by 1 px (Shift: 5, Alt: 0.25)' },
  { keys: 'Ctrl Z', does: 'Undo (Ctrl Shift Z: redo)' },
  { keys: 'Shift ⌫', does: 'Back to the face you submitted last' },
  { keys: '+ −', does: 'Zoom (also the wheel); Z: whole photograph' },
  { keys: 'Space', does: 'Hold: the photograph alone; drag: move it' },
  { keys: 'S', does: 'Skip this photograph, with a reason' },
  { keys: 'Esc', does: 'Leave what is open' },
];
