import { describe, expect, it } from 'vitest';

import { changedPiece, changedRegion, withRoom } from './changedPlace';
import { changesBetween, type Change } from './difference';
import { wireLabels } from './examples';
import { fromWire, type Labels } from './labels';

const before = fromWire(wireLabels());

function moved(indices: readonly number[], dx: number): Labels {
  const { landmarks } = before;
  if (!landmarks) throw new Error('The example has landmarks.');
  const points = landmarks.points.map((point, i) =>
    point && indices.includes(i) ? { x: point.x + dx, y: point.y } : point,
  );
  return { ...before, landmarks: { ...landmarks, points } };
}

function changeOf(after: Labels, part: Change['part']): Change {
  const found = changesBetween(before, after).find((one) => one.part === part);
  if (!found) throw new Error(`No change of ${part}`);
  return found;
}

describe('where a change is', () => {
  it('it_names_the_piece_of_the_region_where_all_of_it_is', () => {
    expect(changedPiece(changeOf(moved([7, 8, 9], 5), 'jaw'))).toBe('chin');
    expect(changedPiece(changeOf(moved([54], 5), 'lips'))).toBe('right corner');
    expect(changedPiece(changeOf(moved([36, 41], 5), 'eyes'))).toBe('left');
  });

  it('it_names_no_piece_where_it_is_in_several', () => {
    expect(changedPiece(changeOf(moved([2, 8], 5), 'jaw'))).toBe('');
    expect(changedPiece(changeOf(before, 'jaw'))).toBe('');
  });

  it('it_spans_where_the_points_were_and_are', () => {
    const after = moved([8], 10);
    const was = before.landmarks?.points[8];
    if (!was) throw new Error('The example has a chin.');
    expect(changedRegion(changeOf(after, 'jaw'), before, after)).toEqual([was.x, was.y, was.x + 10, was.y]);
  });

  it('it_has_no_place_for_a_class', () => {
    const after = { ...before, gender: 'male' };
    expect(changedRegion(changeOf(after, 'gender'), before, after)).toBeNull();
  });

  it('it_spans_both_boxes', () => {
    const after: Labels = { ...before, box: [110, 90, 210, 190] };
    expect(changedRegion(changeOf(after, 'box'), before, after)).toEqual([100, 90, 210, 200]);
    expect(withRoom([150, 150, 150, 150], [100, 100, 200, 200], 0.1)).toEqual([140, 140, 160, 160]);
  });
});
