/** The fields of a policy as people read them: titles, ranges and what each of their words means. Mirrors the server. */

import type { Policy } from '../api/types';

export type PolicyField = keyof Policy;

/** What a face carries beside its box; each flag may remove some of them. */
export const LABELS = ['landmarks', 'age', 'gender', 'ethnicity'] as const;

/** What a checker may be asked for without being shown; age always is. */
export const MAY_BE_BLIND = ['landmarks', 'gender', 'ethnicity'] as const;

export const POLICY_TITLES: Record<PolicyField, string> = {
  genders: 'Gender classes',
  ethnicities: 'Ethnicity classes',
  cannot_tell: 'Word for "cannot tell"',
  flags: 'Flags',
  required: 'Required labels',
  min_side_px: 'Size rule, px',
  lease_minutes: 'Lease, minutes',
  distribution: 'Who gets how much',
  checks: 'Checks per face',
  blind_in_checks: 'Asked blind in checks',
  box_iou_min: 'Least box IoU of a check',
  landmark_nme_max: 'Largest landmark distance of a check',
  region_nme_max: 'Largest distance in a region',
  on_disagreement: 'When people differ',
  checks_max: 'Checks at most',
  attributes_by: 'Several words become one by',
  age_error_max: 'Error of the age, years',
  age_people_max: 'Ages per face at most',
  gold_share: 'Share of gold',
  gold_age_years_max: 'Age on gold, years off',
  watch_acceptable: 'Failures on gold that are fine',
  watch_pauses: 'Pause people who fail',
  resweep_share: 'Share of second sweeps',
  tutorial_required: 'Tutorial before any work',
  test_share: 'Share of images for testing',
  blind_share: 'Share of blind faces',
  order: 'Order of open faces',
  random_share: 'Random share of the order',
};

export interface PolicyNumber {
  field: {
    [Field in PolicyField]: Policy[Field] extends number ? Field : never;
  }[PolicyField];
  low: number;
  high: number;
  /** Between two values of the field in the form. */
  step: number;
  /** `low` itself is too low. */
  isAboveLow?: boolean;
  isWhole?: boolean;
  /** Below the field: what it does. */
  hint: string;
}

export const NUMBERS: readonly PolicyNumber[] = [
  {
    field: 'min_side_px',
    low: 0,
    high: 10_000,
    step: 1,
    hint: 'A face is offered if its smaller box side is more than this.',
  },
  {
    field: 'lease_minutes',
    low: 1,
    high: 1440,
    step: 1,
    isWhole: true,
    hint: 'How long an item is held without a sign of life.',
  },
  {
    field: 'checks',
    low: 0,
    high: 10,
    step: 1,
    isWhole: true,
    hint: 'Other people who check each face. A team of two finishes with 1, one person alone with 0.',
  },
  {
    field: 'box_iou_min',
    low: 0,
    high: 1,
    step: 0.01,
    hint: 'Boxes that overlap less than this differ.',
  },
  {
    field: 'landmark_nme_max',
    low: 0,
    high: Infinity,
    step: 0.005,
    isAboveLow: true,
    hint: 'Mean point distance / √box area; landmarks further apart than this differ.',
  },
  {
    field: 'checks_max',
    low: 1,
    high: 20,
    step: 1,
    isWhole: true,
    hint: 'Most checks that are asked for before an adjudicator decides.',
  },
  {
    field: 'age_error_max',
    low: 0,
    high: 50,
    step: 0.1,
    hint: 'More people are asked for the age until its standard error is at most this. 0 asks nobody more.',
  },
  {
    field: 'age_people_max',
    low: 1,
    high: 50,
    step: 1,
    isWhole: true,
    hint: 'No more people than this are asked, however far apart their ages are.',
  },
  {
    field: 'gold_share',
    low: 0,
    high: 0.5,
    step: 0.01,
    hint: 'Part of the handed out items whose answer is known: faces, checks with planted faults, sweeps.',
  },
  {
    field: 'gold_age_years_max',
    low: 0,
    high: 100,
    step: 1,
    isAboveLow: true,
    hint: 'An age on gold that is further off than this counts as a failure.',
  },
  {
    field: 'resweep_share',
    low: 0,
    high: 1,
    step: 0.01,
    hint: 'Part of the sweeps that somebody else does again.',
  },
  {
    field: 'test_share',
    low: 0,
    high: 0.5,
    step: 0.01,
    hint: 'Images drawn when they arrive, labelled without any pre-label: what models are judged on.',
  },
  {
    field: 'blind_share',
    low: 0,
    high: 1,
    step: 0.01,
    hint: 'Faces shown without their pre-label: they tell how much pre-labels lead people.',
  },
  {
    field: 'random_share',
    low: 0.05,
    high: 1,
    step: 0.05,
    hint: 'Part of the faces that keeps the order of arrival, so that the work stays an unbiased sample.',
  },
];

export function isIn(number: PolicyNumber, value: number): boolean {
  const highEnough = number.isAboveLow ? value > number.low : value >= number.low;
  return highEnough && value <= number.high && (!number.isWhole || Number.isInteger(value));
}

/** What may be given, as a sentence. */
export function rangeText({ low, high, isAboveLow, isWhole }: PolicyNumber): string {
  const what = isWhole ? 'a whole number' : 'a number';
  if (high === Infinity) return `Give ${what} above ${low}.`;
  return isAboveLow ? `Give ${what} above ${low}, at most ${high}.` : `Give ${what} from ${low} to ${high}.`;
}

/** The range in a few characters, for the hint. */
export const rangeHint = ({ low, high, isAboveLow }: PolicyNumber): string =>
  high === Infinity || isAboveLow ? `Above ${low}.` : `${low} to ${high}.`;

export interface Choice {
  value: string;
  words: string;
}

/** What each field of words may be, as people read it. */
export const CHOICES = {
  order: [
    { value: 'arrival', words: 'as they came' },
    { value: 'learning', words: 'what a model learns most from' },
  ],
  distribution: [
    { value: 'pull', words: 'whoever asks: nobody waits' },
    { value: 'even', words: 'everybody the same number of each pass' },
  ],
  on_disagreement: [
    { value: 'adjudicate', words: 'an adjudicator decides' },
    { value: 'another_check', words: 'one more check; a majority settles it' },
  ],
  attributes_by: [
    { value: 'majority', words: 'majority' },
    { value: 'dawid_skene', words: 'Dawid and Skene: people weigh as they proved right' },
  ],
} as const satisfies Partial<Record<PolicyField, readonly Choice[]>>;

export type ChoiceField = keyof typeof CHOICES;

const isChoice = (field: PolicyField): field is ChoiceField => field in CHOICES;

/** A number or a stored word as it is read in a list of changes. */
export function wordsFor(field: PolicyField, value: string | number): string {
  if (!isChoice(field)) return String(value);
  return CHOICES[field].find((choice: Choice) => choice.value === value)?.words ?? String(value);
}

/** `usual`: how far apart two careful people may be, in box sides, where the whole face's tolerance is 0.05. */
export const REGIONS = [
  { name: 'jaw', usual: 0.07, points: 17 },
  { name: 'brows', usual: 0.06, points: 10 },
  { name: 'nose', usual: 0.045, points: 9 },
  { name: 'eyes', usual: 0.03, points: 12 },
  { name: 'lips', usual: 0.04, points: 20 },
] as const;

/** Tolerances of the regions in proportion, so that their mean over the 68 points is the whole face's tolerance. */
export function suggestedRegions(landmarkNmeMax: number): Record<string, number> {
  const points = REGIONS.reduce((sum, region) => sum + region.points, 0);
  const mean = REGIONS.reduce((sum, region) => sum + region.usual * region.points, 0) / points;
  return Object.fromEntries(
    REGIONS.map(({ name, usual }) => [name, Number(((usual * landmarkNmeMax) / mean).toFixed(3))]),
  );
}

/** `usual`: the share of failed gold answers that is fine where the policy names none. */
export const WATCHED = [
  { name: 'box', usual: 0.1 },
  { name: 'landmarks', usual: 0.1 },
  { name: 'age', usual: 0.15 },
  { name: 'gender', usual: 0.1 },
  { name: 'ethnicity', usual: 0.2 },
  { name: 'flags', usual: 0.15 },
  { name: 'planted_checks', usual: 0.35 },
  { name: 'sweeps', usual: 0.25 },
] as const;
