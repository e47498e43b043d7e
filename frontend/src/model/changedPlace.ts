/** Where on the face a change is: named as finely as all of it allows, and as a region to look at. */

import type { BoxTuple } from '../api/types';
import { t, type PlainKey } from '../i18n';
import type { Change } from './difference';
import type { Labels } from './labels';

/** Pieces of the regions, as they lie in the photograph. */
const PIECES: readonly { name: PlainKey; points: ReadonlySet<number> }[] = [
  { name: 'check.jawLeft', points: new Set([0, 1, 2, 3, 4, 5]) },
  { name: 'check.chin', points: new Set([6, 7, 8, 9, 10]) },
  { name: 'check.jawRight', points: new Set([11, 12, 13, 14, 15, 16]) },
  { name: 'check.left', points: new Set([17, 18, 19, 20, 21]) },
  { name: 'check.right', points: new Set([22, 23, 24, 25, 26]) },
  { name: 'check.bridge', points: new Set([27, 28, 29, 30]) },
  { name: 'check.nostrils', points: new Set([31, 32, 33, 34, 35]) },
  { name: 'check.left', points: new Set([36, 37, 38, 39, 40, 41]) },
  { name: 'check.right', points: new Set([42, 43, 44, 45, 46, 47]) },
  { name: 'check.cornerLeft', points: new Set([48, 60]) },
  { name: 'check.cornerRight', points: new Set([54, 64]) },
  { name: 'check.upper', points: new Set([49, 50, 51, 52, 53, 61, 62, 63]) },
  { name: 'check.lower', points: new Set([55, 56, 57, 58, 59, 65, 66, 67]) },
];

/** 'chin', 'left corner'; '' where the change is not in one piece of its region. */
export function changedPiece({ points }: Change): string {
  const piece = points.length > 0 && PIECES.find((one) => points.every((index) => one.points.has(index)));
  return piece ? t(piece.name) : '';
}

/** The smallest box around everything that the change moved, before and after; null for what has no place. */
export function changedRegion(change: Change, before: Labels, after: Labels): BoxTuple | null {
  if (change.part === 'box') return around([before.box, after.box]);
  const places = change.points.flatMap((index) => [
    before.landmarks?.points[index],
    after.landmarks?.points[index],
  ]);
  const there = places.filter((place) => place !== null && place !== undefined);
  return around(there.map(({ x, y }) => [x, y, x, y]));
}

function around(boxes: readonly BoxTuple[]): BoxTuple | null {
  if (boxes.length === 0) return null;
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}

/** Room around a changed region, so that one moved point still shows what it belongs to: a share of the face's box. */
export function withRoom(region: BoxTuple, face: BoxTuple, share = 0.12): BoxTuple {
  const room = share * Math.sqrt((face[2] - face[0]) * (face[3] - face[1]));
  return [region[0] - room, region[1] - room, region[2] + room, region[3] + room];
}
