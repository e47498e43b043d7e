/** Selecting cells of a grid by pointer and keys, as pure functions over the order in which they are shown. */

export interface Selection {
  chosen: ReadonlySet<number>;
  /** Where a range starts: the last cell chosen without shift. */
  anchor: number | null;
}

export const NOTHING_SELECTED: Selection = { chosen: new Set(), anchor: null };

/** One cell on or off; it becomes the start of the next range. */
export function selectionToggled(selection: Selection, id: number): Selection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) chosen.add(id);
  return { chosen, anchor: id };
}

/** All cells from the anchor to `id` added, both ends included; without a usable anchor only `id`. */
export function selectionExtended(selection: Selection, order: number[], id: number): Selection {
  const end = order.indexOf(id);
  const start = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  if (end < 0) return selection;
  if (start < 0) return { chosen: new Set([...selection.chosen, id]), anchor: id };
  const range = order.slice(Math.min(start, end), Math.max(start, end) + 1);
  return { chosen: new Set([...selection.chosen, ...range]), anchor: selection.anchor };
}

/** Where a move key leads from cell `index` in a grid of `columns` and `count` cells; null: not a move key. */
export function gridMove(key: string, index: number, columns: number, count: number): number | null {
  const target = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    Home: 0,
    End: count - 1,
  }[key];
  if (target === undefined) return null;
  return target >= 0 && target < count ? target : index;
}
