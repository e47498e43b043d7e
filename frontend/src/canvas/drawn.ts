/** Performance marks of the labelling pages: what an annotator waits for can be measured where it happens. */

export const SAVED = 'jfa:saved';
export const DRAWN = 'jfa:drawn';

let last: object | null = null;

function mark(name: string): void {
  performance.clearMarks(name); // one of each is kept; observers have heard of the others
  performance.mark(name);
}

/** An item was sent off: the wait for the next one begins. */
export function markSaved(): void {
  mark(SAVED);
}

/** This item's photograph and labels are on the canvas, for the first time since another item was. */
export function markDrawn(item: object): void {
  if (item === last) return;
  last = item;
  mark(DRAWN);
}
