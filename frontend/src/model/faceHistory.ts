/** A face's chain of versions in words: what each is, what two of them differ in, what restoring one does. */

import type { FaceState, Labels as WireLabels, RevisionRow } from '../api/types';
import { changesBetween } from './difference';
import { REGIONS } from './ibug68';
import { boxSize, fromWire } from './labels';
import { countOf, decimalText, spaced, titled } from './words';

const NAMES: Readonly<Record<string, string>> = {
  prelabel: 'Pre-label',
  import: 'Imported labels',
  annotate: 'Annotation',
  check: 'Check',
  adjudicate: 'Adjudication',
  sweep: 'Made in a sweep',
  side: 'Side version, too late to count',
  aggregate: 'Combined from several people',
  restore: 'Restored version',
};

/** "Check 2", "Restored version". */
export function versionTitle(version: Pick<RevisionRow, 'kind' | 'pass_number'>): string {
  const name = NAMES[version.kind] ?? titled(version.kind);
  return version.kind === 'check' && version.pass_number ? `${name} ${version.pass_number}` : name;
}

export interface Round {
  round: number;
  /** Newest first. */
  versions: RevisionRow[];
  /** Policy versions that its versions know, ascending. */
  policies: number[];
}

/** The chain (oldest first) by round, newest first. */
export function roundsOf(chain: readonly RevisionRow[]): Round[] {
  const rounds = new Map<number, RevisionRow[]>();
  for (const one of [...chain].reverse()) {
    const found = rounds.get(one.round);
    if (found) found.push(one);
    else rounds.set(one.round, [one]);
  }
  return [...rounds]
    .sort(([a], [b]) => b - a)
    .map(([round, versions]) => ({
      round,
      versions,
      policies: [...new Set(versions.map((one) => one.policy_version).filter((one) => one !== null))].sort(
        (a, b) => a - b,
      ),
    }));
}

export interface PartDifference {
  part: string;
  title: string;
  before: string;
  after: string;
  /** What changed, or 'unchanged'. */
  change: string;
  changed: boolean;
}

function boxText(labels: WireLabels): string {
  const { width, height } = boxSize(labels.box);
  return `${Math.round(width)} × ${Math.round(height)} px at ${Math.round(labels.box[0])}, ${Math.round(labels.box[1])}`;
}

/** How many points are placed, of a region or of the whole face. */
function pointsText(labels: WireLabels, part: string): string {
  if (labels.landmarks === null) return 'none';
  const indices = REGIONS.find((one) => one.name === part)?.points ?? [...labels.landmarks.keys()];
  return countOf(indices.filter((index) => labels.landmarks?.[index]).length, 'point');
}

/**
 * Two versions part by part, in a fixed order. Ages only where both are known to the reader: one that is hidden
 * would read as taken away.
 */
export function differenceByPart(before: WireLabels, after: WireLabels): PartDifference[] {
  const shown = (labels: WireLabels, part: string): string => {
    if (part === 'box') return boxText(labels);
    if (part === 'gender') return labels.gender ?? 'none';
    if (part === 'ethnicity') return labels.ethnicity ?? 'none';
    if (part === 'flags') return labels.flags.map(spaced).join(', ') || 'none';
    return pointsText(labels, part);
  };
  const rows = changesBetween(fromWire(before), fromWire(after)).map((one) => ({
    part: one.part,
    title: one.title,
    before: shown(before, one.part),
    after: shown(after, one.part),
    change: spaced(one.text),
    changed: one.changed,
  }));
  if (before.age === null || after.age === null) return rows;
  const years = after.age - before.age;
  return [
    ...rows,
    {
      part: 'age',
      title: 'Age',
      before: decimalText(before.age, 0),
      after: decimalText(after.age, 0),
      change: years === 0 ? 'unchanged' : `${years > 0 ? '+' : '−'}${decimalText(Math.abs(years), 0)} years`,
      changed: years !== 0,
    },
  ];
}

const CLOSED: readonly FaceState[] = ['accepted', 'rejected', 'too_small'];

/** True where people are done with the face, so that restoring may start a new round. */
export const mayCheckAgain = (state: FaceState): boolean => CLOSED.includes(state);

/** What restoring a version will do, said before it is done. */
export function restoreConsequence(
  face: { state: FaceState; holder: string | null },
  checkAgain: boolean,
  passes: number,
): string {
  if (!mayCheckAgain(face.state)) {
    const who = face.holder
      ? `${face.holder} works on it now and will be asked to compare both versions at the save.`
      : 'Whoever takes it next starts from this version.';
    return `The face stays in work, and its open pass stays open. ${who}`;
  }
  if (checkAgain)
    return `A new round begins with this version: ${countOf(passes, 'pass', 'passes')} by different people. The face is not accepted until then.`;
  return face.state === 'accepted'
    ? 'The face stays accepted, with your reason beside it. The version is checked against the policy in force; the age stays the mean over people.'
    : `The face stays ${spaced(face.state)}, with your reason beside it.`;
}
