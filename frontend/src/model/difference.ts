/** What changed between two label sets of one face, by part, in words for a list. */

import { t } from '../i18n';
import { distance } from './coords';
import { REGIONS, type RegionName } from './ibug68';
import { boxIou, boxSize, type Labels } from './labels';
import { className, partName } from './names';

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

const plural = (n: number): string => t('words.points', { count: n });
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
    ...(restated.length > 0 ? [t('words.restated', { points: plural(restated.length) })] : []),
  ];
  return {
    part: region.name,
    title: partName(region.name),
    text: texts.join('; ') || t('words.unchanged'),
    changed: texts.length > 0,
    points: [...moved, ...restated],
  };
}

function landmarkChanges(before: Labels, after: Labels): Change[] {
  if (before.landmarks && after.landmarks)
    return REGIONS.map((region) => regionChange(before, after, region));
  const changed = (before.landmarks === null) !== (after.landmarks === null);
  const text = t(!changed ? 'words.none' : after.landmarks ? 'words.added' : 'words.removed');
  return [{ part: 'landmarks', title: partName('landmarks'), text, changed, points: [] }];
}

function boxChange(before: Labels, after: Labels): Change {
  const iou = boxIou(before.box, after.box);
  const changed = iou < 0.999;
  return {
    part: 'box',
    title: partName('box'),
    text: changed ? t('words.overlap', { share: percent(iou) }) : t('words.unchanged'),
    changed,
    points: [],
  };
}

function valueChange(part: 'gender' | 'ethnicity', before: Labels, after: Labels): Change {
  const changed = before[part] !== after[part];
  const word = (value: string | null): string => (value === null ? t('words.none') : className(value));
  return {
    part,
    title: partName(part),
    text: changed ? `${word(before[part])} → ${word(after[part])}` : t('words.unchanged'),
    changed,
    points: [],
  };
}

/** Every part in a fixed order, changed or not; the age is left out, it is asked blind. */
export function changesBetween(before: Labels, after: Labels): Change[] {
  const added = after.flags.filter((flag) => !before.flags.includes(flag));
  const cleared = before.flags.filter((flag) => !after.flags.includes(flag));
  const flagText = [
    ...added.map((flag) => `+ ${className(flag)}`),
    ...cleared.map((flag) => `− ${className(flag)}`),
  ].join(', ');
  return [
    ...landmarkChanges(before, after),
    boxChange(before, after),
    valueChange('gender', before, after),
    valueChange('ethnicity', before, after),
    {
      part: 'flags',
      title: partName('flags'),
      text: flagText || t('words.unchanged'),
      changed: flagText !== '',
      points: [],
    },
  ];
}

/** How many landmarks differ. */
export function changedPoints(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + change.points.length, 0);
}
