/** What the feedback on a lesson says, part by part, in plain words with numbers in units of the face. */

import type { Finding } from '../api/types';
import { t, type PlainKey } from '../i18n';
import { className } from './guide';

const PARTS: Readonly<Record<Finding['part'], PlainKey>> = {
  box: 'tutorial.partBox',
  landmarks: 'tutorial.partLandmarks',
  jaw: 'tutorial.partJaw',
  brows: 'tutorial.partBrows',
  nose: 'tutorial.partNose',
  eyes: 'tutorial.partEyes',
  lips: 'tutorial.partLips',
  hidden: 'tutorial.partHidden',
  age: 'tutorial.partAge',
  gender: 'tutorial.partGender',
  ethnicity: 'tutorial.partEthnicity',
  flags: 'tutorial.partFlags',
};

const VERDICTS: Readonly<Record<Finding['verdict'], PlainKey>> = {
  right: 'tutorial.verdictRight',
  near: 'tutorial.verdictNear',
  off: 'tutorial.verdictOff',
};

/** A displacement is told where it explains at least this part of the mean distance. */
const MOSTLY = 0.5;
/** Displacements below this part of the face are nobody's habit. */
const SMALLEST = 0.005;

export function partName(part: Finding['part']): string {
  return t(PARTS[part]);
}

export function verdictName(verdict: Finding['verdict']): string {
  return t(VERDICTS[verdict]);
}

export function percentOf(share: number): string {
  const percent = Math.abs(share) * 100;
  return `${percent >= 10 ? percent.toFixed(0) : percent.toFixed(1)} %`;
}

/** '6.0 % too low and 2.1 % too far left', or null where the points are off in no common direction. */
export function direction(finding: Pick<Finding, 'distance' | 'right' | 'down'>): string | null {
  const { distance, right, down } = finding;
  if (distance === null || right === null || down === null) return null;
  if (Math.hypot(right, down) < Math.max(SMALLEST, MOSTLY * distance)) return null;
  const tells = (part: number): boolean =>
    Math.abs(part) >= SMALLEST && Math.abs(part) >= 0.4 * Math.hypot(right, down);
  const words: string[] = [];
  if (tells(down))
    words.push(t(down > 0 ? 'tutorial.tooLow' : 'tutorial.tooHigh', { percent: percentOf(down) }));
  if (tells(right))
    words.push(t(right > 0 ? 'tutorial.tooRight' : 'tutorial.tooLeft', { percent: percentOf(right) }));
  const [first, second] = words;
  if (first === undefined) return null;
  return second === undefined ? first : t('tutorial.and', { first, second });
}

function regionText(finding: Finding): string {
  const far = finding.points ?? 0;
  const beyond = far > 0 && finding.verdict !== 'right' ? t('tutorial.regionPoints', { count: far }) : '';
  if (finding.distance === null) return beyond;
  const percent = percentOf(finding.distance);
  const where = finding.verdict === 'right' ? null : direction(finding);
  const how =
    where === null ? t('tutorial.regionOff', { percent }) : t('tutorial.regionOffWhere', { percent, where });
  return [how, beyond].filter(Boolean).join(' ');
}

function ageText({ years, given, expected, verdict }: Finding): string {
  const [said, mean] = [given[0], expected[0] ?? ''];
  if (said === undefined || years === null) return t('tutorial.ageMissing', { expected: mean });
  if (verdict === 'right') return t('tutorial.ageClose', { given: said, expected: mean });
  return t(years > 0 ? 'tutorial.ageOlder' : 'tutorial.ageYounger', {
    given: said,
    expected: mean,
    years: t('common.ages', { count: Math.round(Math.abs(years)) }),
  });
}

function wordText({ given, expected, verdict }: Finding): string {
  const wanted = className(expected[0] ?? '');
  if (verdict === 'right') return t('tutorial.wordSame', { expected: wanted });
  return given[0] === undefined
    ? t('tutorial.wordMissing', { expected: wanted })
    : t('tutorial.wordOther', { given: className(given[0]), expected: wanted });
}

function flagText({ given, expected }: Finding): string {
  const names = (flags: readonly string[]): string => flags.map(className).join(', ');
  const missing = expected.filter((flag) => !given.includes(flag));
  const extra = given.filter((flag) => !expected.includes(flag));
  const said = [
    missing.length > 0 ? t('tutorial.flagsMissing', { flags: names(missing) }) : '',
    extra.length > 0 ? t('tutorial.flagsExtra', { flags: names(extra) }) : '',
  ].filter(Boolean);
  if (said.length > 0) return said.join(' ');
  return expected.length === 0
    ? t('tutorial.flagsNone')
    : t('tutorial.flagsSame', { flags: names(expected) });
}

/** One finding as a sentence or two. */
export function findingText(finding: Finding): string {
  switch (finding.part) {
    case 'box':
      return t('tutorial.boxOverlap', { percent: percentOf(finding.box_iou ?? 0) });
    case 'landmarks':
      return t(finding.given[0] === 'present' ? 'tutorial.pointsPresent' : 'tutorial.pointsAbsent');
    case 'hidden':
      return (finding.points ?? 0) === 0
        ? t('tutorial.hiddenSame')
        : t('tutorial.hiddenDiffer', { count: finding.points ?? 0 });
    case 'age':
      return ageText(finding);
    case 'gender':
    case 'ethnicity':
      return wordText(finding);
    case 'flags':
      return flagText(finding);
    default:
      return regionText(finding);
  }
}

/** What is off first, then what is close: where to look. */
export function byUrgency(findings: readonly Finding[]): Finding[] {
  const order = ['off', 'near', 'right'];
  return [...findings].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}

export function summary(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']): number =>
    findings.filter((one) => one.verdict === verdict).length;
  if (count('off') > 0) return t('tutorial.someOff', { count: count('off') });
  if (count('near') > 0) return t('tutorial.someNear', { count: count('near') });
  return t('tutorial.allRight');
}

export interface PartTally {
  part: Finding['part'];
  right: number;
  near: number;
  off: number;
}

/** How often each part was right over several faces, in the order of the parts. */
export function tally(all: readonly (readonly Finding[])[]): PartTally[] {
  const parts = Object.keys(PARTS) as Finding['part'][];
  return parts
    .map((part) => {
      const own = all.flat().filter((one) => one.part === part);
      const count = (verdict: Finding['verdict']): number =>
        own.filter((one) => one.verdict === verdict).length;
      return { part, right: count('right'), near: count('near'), off: count('off') };
    })
    .filter((row) => row.right + row.near + row.off > 0);
}
