import { describe, expect, it } from 'vitest';
import { NOTHING_SELECTED, gridMove, selectionExtended, selectionToggled } from './selection';

const order = [10, 11, 12, 13, 14];
const chosen = (selection: { chosen: ReadonlySet<number> }): number[] => [...selection.chosen].sort();

describe('selection', () => {
  it('turns a cell on and off', () => {
    const once = selectionToggled(NOTHING_SELECTED, 11);
    expect(chosen(once)).toEqual([11]);
    expect(chosen(selectionToggled(once, 11))).toEqual([]);
  });
  it('extends from the anchor in either direction and keeps what was chosen', () => {
    const from = selectionToggled(selectionToggled(NOTHING_SELECTED, 14), 12);
    expect(chosen(selectionExtended(from, order, 10))).toEqual([10, 11, 12, 14]);
    expect(chosen(selectionExtended(from, order, 13))).toEqual([12, 13, 14]);
  });
  it('keeps the anchor while a range grows and shrinks by keys', () => {
    const from = selectionToggled(NOTHING_SELECTED, 11);
    expect(selectionExtended(from, order, 13).anchor).toBe(11);
  });
  it('chooses only the cell itself when the anchor is gone', () => {
    expect(chosen(selectionExtended({ chosen: new Set(), anchor: 99 }, order, 12))).toEqual([12]);
  });
});

describe('gridMove', () => {
  it('moves by one, by a row, and to the ends', () => {
    expect(gridMove('ArrowRight', 1, 3, 8)).toBe(2);
    expect(gridMove('ArrowDown', 1, 3, 8)).toBe(4);
    expect(gridMove('Home', 5, 3, 8)).toBe(0);
    expect(gridMove('End', 5, 3, 8)).toBe(7);
  });
  it('stays where it is at the edge', () => {
    expect(gridMove('ArrowUp', 1, 3, 8)).toBe(1);
    expect(gridMove('ArrowDown', 6, 3, 8)).toBe(6);
  });
  it('answers null for other keys', () => {
    expect(gridMove('a', 0, 3, 8)).toBeNull();
  });
});
