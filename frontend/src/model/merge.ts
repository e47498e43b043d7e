/** Several people's versions of one face side by side: where they differ, and putting one together from parts. */

import { t } from '../i18n';
import { distance } from './coords';
import { REGIONS, type RegionName } from './ibug68';
import { boxIou, boxSize, type Labels, type Landmarks } from './labels';
import { className, partName } from './names';

/** What can be taken from a version by itself. Age is everybody's own. */
export type MergePart = 'box' | RegionName | 'gender' | 'ethnicity' | 'flags';

export const MERGE_PARTS: readonly MergePart[] = [
  'box',
  ...REGIONS.map(({ name }) => name),
  'gender',
  'ethnicity',
  'flags',
];

/** A region's points closer than this, in parts of the root of the box's area, are the same (0.05 px on 100 px). */
const SAME = 0.0005;

const regionOf = (part: MergePart): (typeof REGIONS)[number] | undefined =>
  REGIONS.find((region) => region.name === part);

/**
 * `into` with one part of `from`. A region brings its points and their states; where `into` has no points yet, or
 * `from` has none, all regions go together, because a face has 68 points or none.
 */
export function takePart(into: Labels, from: Labels, part: MergePart): Labels {
  const region = regionOf(part);
  if (!region) {
    if (part === 'box') return { ...into, box: from.box };
    if (part === 'flags') return { ...into, flags: [...from.flags] };
    return part === 'gender' ? { ...into, gender: from.gender } : { ...into, ethnicity: from.ethnicity };
  }
  if (!into.landmarks || !from.landmarks) return { ...into, landmarks: from.landmarks };
  const chosen = new Set(region.points);
  const mixed = <T>(own: readonly T[], other: readonly T[]): T[] =>
    own.map((value, index) => (chosen.has(index) ? (other[index] as T) : value));
  const landmarks: Landmarks = {
    points: mixed(into.landmarks.points, from.landmarks.points),
    states: mixed(into.landmarks.states, from.landmarks.states),
  };
  return { ...into, landmarks };
}

/**
 * How far two versions are apart in a region: mean point distance over the root of the mean box area, over points
 * that both placed. Infinite where one has points and the other none, or one removed a point that the other placed.
 */
export function regionDistance(one: Labels, other: Labels, region: RegionName): number {
  if (!one.landmarks || !other.landmarks) return one.landmarks === other.landmarks ? 0 : Infinity;
  const scale = Math.sqrt((boxSize(one.box).scale ** 2 + boxSize(other.box).scale ** 2) / 2);
  let sum = 0;
  let placed = 0;
  for (const index of regionOf(region)?.points ?? []) {
    const [a, b] = [one.landmarks.points[index], other.landmarks.points[index]];
    if (a && b) {
      sum += distance(a, b) / scale;
      placed += 1;
    } else if (a || b) return Infinity;
  }
  return placed > 0 ? sum / placed : 0;
}

/** True if a part says the same in both. */
export function samePart(one: Labels, other: Labels, part: MergePart): boolean {
  const region = regionOf(part);
  if (region) {
    const states = (labels: Labels): string =>
      region.points.map((index) => labels.landmarks?.states[index] ?? '-').join('');
    return regionDistance(one, other, region.name) <= SAME && states(one) === states(other);
  }
  if (part === 'box') return boxIou(one.box, other.box) >= 0.999;
  if (part === 'flags') return [...one.flags].sort().join() === [...other.flags].sort().join();
  return part === 'gender' ? one.gender === other.gender : one.ethnicity === other.ethnicity;
}

export interface MergeCell {
  letter: string;
  /** The version's value: a word, a size in px, or how far its points are from the present ones. */
  text: string;
  /** The present labels say the same. */
  isTaken: boolean;
}

export interface MergeRow {
  part: MergePart;
  title: string;
  /** Not all versions say the same. */
  differs: boolean;
  /** How far the two most different versions are apart: "up to 3.1 %", of boxes their overlap; empty for words. */
  spread: string;
  cells: MergeCell[];
}

interface Lettered {
  author: string;
  labels: Labels;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}\u00a0%`;

function pairs<T>(all: readonly T[]): [T, T][] {
  return all.flatMap((one, index) => all.slice(index + 1).map((other): [T, T] => [one, other]));
}

function spreadOf(versions: readonly Lettered[], part: MergePart): string {
  const region = regionOf(part);
  const both = pairs(versions.map((version) => version.labels));
  if (region) {
    const widest = Math.max(0, ...both.map(([one, other]) => regionDistance(one, other, region.name)));
    return widest === Infinity ? t('words.notPlacedByAll') : t('words.upTo', { share: percent(widest) });
  }
  if (part !== 'box') return '';
  const least = Math.min(1, ...both.map(([one, other]) => boxIou(one.box, other.box)));
  return t('words.overlap', { share: percent(least) });
}

function cellText(version: Labels, present: Labels, part: MergePart): string {
  const region = regionOf(part);
  if (region) {
    if (!version.landmarks) return t('words.noPoints');
    const apart = regionDistance(version, present, region.name);
    return apart === Infinity ? t('words.otherPoints') : apart <= SAME ? t('words.asNow') : percent(apart);
  }
  if (part === 'box') {
    const [x1, y1, x2, y2] = version.box;
    return `${Math.round(x2 - x1)} × ${Math.round(y2 - y1)}`;
  }
  if (part === 'flags') return version.flags.map(className).join(', ') || t('words.none');
  const value = part === 'gender' ? version.gender : version.ethnicity;
  return value === null ? t('words.none') : className(value);
}

/** Each part with every version's say, in the order of MERGE_PARTS. `present`: the labels being put together. */
export function mergeRows(versions: readonly Lettered[], present: Labels): MergeRow[] {
  return MERGE_PARTS.map((part) => ({
    part,
    title: partName(part),
    differs: pairs(versions).some(([one, other]) => !samePart(one.labels, other.labels, part)),
    spread: spreadOf(versions, part),
    cells: versions.map(({ author, labels }) => ({
      letter: author,
      text: cellText(labels, present, part),
      isTaken: samePart(labels, present, part),
    })),
  }));
}
