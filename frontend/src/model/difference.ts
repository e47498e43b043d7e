/** What changed between two label sets of one face, by part, in words for a list. */

import { distance } from './coords';
import { REGIONS, type RegionName } from './ibug68';
import { boxIou, boxSize, type Labels } from './labels';

export interface Change {
  part: RegionName | 'box' | 'landmarks' | 'gender' | 'ethnicity' | 'flags';
  title: string;
  /** '3 points, 2.1 %' or 'unchanged' */
  text: string;
  changed: boolean;
  /** Indices of the points that moved or changed state. */
  points: readonly number[];
}

/** A point has moved if it lies further than this from where it was, in parts of the box's root area. */
const MOVED = 0.002;

const plural = (n: number): string => (n === 1 ? '1 point' : `${n} points`);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function regionChange(before: Labels, after: Labels, region: (typeof REGIONS)[number]): Change {
  const scale = boxSize(before.box).scale;
  const moved: number[] = [];
  const restated: number[] = [];
  let sum = 0;
  for (const i of region.points) {
    const a = before.landmarks?.points[i];
    const b = after.landmarks?.points[i];
    if (a && b && distance(a, b) > MOVED * scale) {
      moved.push(i);
      sum += distance(a, b) / scale;
    } else if (before.landmarks?.states[i] !== after.landmarks?.states[i]) restated.push(i);
  }
  const texts = [
    ...(moved.length > 0 ? [`${plural(moved.length)}, ${percent(sum / moved.length)}`] : []),
    ...(restated.length > 0 ? [`${plural(restated.length)} hidden, removed or put back`] : []),
  ];
  return {
    part: region.name,
    title: region.title,
    text: texts.join('; ') || 'unchanged',
    changed: texts.length > 0,
    points: [...moved, ...restated],
  };
}

function landmarkChanges(before: Labels, after: Labels): Change[] {
  if (before.landmarks && after.landmarks)
    return REGIONS.map((region) => regionChange(before, after, region));
  const changed = (before.landmarks === null) !== (after.landmarks === null);
  const text = !changed ? 'none' : after.landmarks ? 'added' : 'removed';
  return [{ part: 'landmarks', title: 'Landmarks', text, changed, points: [] }];
}

function boxChange(before: Labels, after: Labels): Change {
  const iou = boxIou(before.box, after.box);
  const changed = iou < 0.999;
  return {
    part: 'box',
    title: 'Box',
    text: changed ? `overlap ${percent(iou)}` : 'unchanged',
    changed,
    points: [],
  };
}

function valueChange(part: 'gender' | 'ethnicity', title: string, before: Labels, after: Labels): Change {
  const changed = before[part] !== after[part];
  const word = (value: string | null): string => value ?? 'none';
  return {
    part,
    title,
    text: changed ? `${word(before[part])} → ${word(after[part])}` : 'unchanged',
    changed,
    points: [],
  };
}

/** Every part in a fixed order, changed or not; the age is left out, it is asked blind. */
export function changesBetween(before: Labels, after: Labels): Change[] {
  const added = after.flags.filter((flag) => !before.flags.includes(flag));
  const cleared = before.flags.filter((flag) => !after.flags.includes(flag));
  const flagText = [...added.map((flag) => `+ ${flag}`), ...cleared.map((flag) => `− ${flag}`)].join(', ');
  return [
    ...landmarkChanges(before, after),
    boxChange(before, after),
    valueChange('gender', 'Gender', before, after),
    valueChange('ethnicity', 'Ethnicity', before, after),
    { part: 'flags', title: 'Flags', text: flagText || 'unchanged', changed: flagText !== '', points: [] },
  ];
}

/** How many landmarks differ. */
export function changedPoints(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + change.points.length, 0);
}
