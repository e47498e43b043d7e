import { describe, expect, it } from 'vitest';

import { fingerprintOf, portionsOf, uploadFor, waitAfter, type PlannedFile } from './uploadPlan';

const file = (path: string, size: number, changed = 1): PlannedFile => ({ path, size, changed });

describe('portionsOf', () => {
  it('puts small files together up to the bytes and the number of a portion', () => {
    const files = [4, 4, 4, 1, 1, 1].map((size, index) => file(`${index}`, size));
    expect(portionsOf(files, 10, 3).map((portion) => portion.slices.map((slice) => slice.file))).toEqual([
      [0, 1],
      [2, 3, 4],
      [5],
    ]);
  });
  it('cuts a large file into pieces that follow each other without a gap', () => {
    const slices = portionsOf([file('big.zip', 25)], 10).flatMap((portion) => portion.slices);
    expect(slices.map(({ from, to, number, count }) => [from, to, number, count])).toEqual([
      [0, 10, 0, 3],
      [10, 20, 1, 3],
      [20, 25, 2, 3],
    ]);
  });
  it('sends an empty file too, so that it is reported', () => {
    expect(portionsOf([file('empty.jpg', 0)])).toEqual([
      { slices: [{ file: 0, from: 0, to: 0, number: 0, count: 1 }], bytes: 0 },
    ]);
  });
  it('is nothing without files', () => {
    expect(portionsOf([])).toEqual([]);
  });
});

describe('uploadFor', () => {
  const files = [file('a.jpg', 3), file('b.jpg', 4)];
  const begun = { id: 'one', fingerprint: fingerprintOf(files), arrived: [0, 2] };
  it('goes on with the upload of the same files', () => {
    expect(uploadFor(JSON.stringify(begun), files, () => 'two')).toEqual(begun);
  });
  it('begins anew when a file was changed, added or left out', () => {
    for (const others of [
      [file('a.jpg', 3, 2), file('b.jpg', 4)],
      [file('a.jpg', 3)],
      [...files, file('c', 1)],
    ]) {
      expect(uploadFor(JSON.stringify(begun), others, () => 'two')).toMatchObject({ id: 'two', arrived: [] });
    }
  });
  it('begins anew without a stored upload, or with one that cannot be read', () => {
    expect(uploadFor(null, files, () => 'two').id).toBe('two');
    expect(uploadFor('{"id":', files, () => 'two').id).toBe('two');
    expect(uploadFor('{"id": 7}', files, () => 'two').id).toBe('two');
  });
});

describe('waitAfter', () => {
  it('doubles up to half a minute', () => {
    expect([1, 2, 3, 9].map(waitAfter)).toEqual([1, 2, 4, 30]);
  });
});
