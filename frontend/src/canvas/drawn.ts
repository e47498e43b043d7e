/** A performance mark of the labelling pages: what an annotator waits for can be measured where it happens. */

export const DRAWN = 'jfa:drawn';

let last: object | null = null;

/** This item's photograph and labels are on the canvas, for the first time since another item was. */
export function markDrawn(item: object): void {
  if (item === last) return;
  last = item;
  performance.clearMarks(DRAWN); // one is kept; observers have heard of the others
  performance.mark(DRAWN);
}
