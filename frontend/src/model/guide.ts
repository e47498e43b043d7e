/** What the labelling guide says, from the policy of the dataset: sections of sentences and drawings. */

import type { Policy } from '../api/types';
import { isTextKey, t, type PlainKey } from '../i18n';
import type { SketchName } from './guideSketch';
import { LABEL_NAMES } from './policy';

export interface GuideFigure {
  readonly sketch: SketchName;
  readonly verdict: 'right' | 'wrong' | null;
  readonly caption: string;
}

export interface GuideSection {
  readonly id: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly figures: readonly GuideFigure[];
}

const LABEL_WORDS: Readonly<Record<string, PlainKey>> = {
  landmarks: 'guide.landmarks',
  age: 'guide.theAge',
  gender: 'guide.gender',
  ethnicity: 'guide.ethnicity',
};

const FLAGS: Readonly<Record<string, { text: PlainKey; sketch: SketchName }>> = {
  occluded: { text: 'guide.flagOccluded', sketch: 'occluded' },
  blurred: { text: 'guide.flagBlurred', sketch: 'blurred' },
  profile: { text: 'guide.flagProfile', sketch: 'profile' },
  not_a_face: { text: 'guide.flagNotAFace', sketch: 'notAFace' },
};

const percent = (share: number): string => `${String(Math.round(share * 1000) / 10)} %`;

/** A class or flag in the person's language, if it is one that policies usually have. */
export function className(value: string): string {
  const key = `classes.${value}`;
  if (isTextKey(key)) return t(key as PlainKey);
  const words = value.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const listed = (labels: readonly string[]): string =>
  labels.map((label) => (LABEL_WORDS[label] ? t(LABEL_WORDS[label]) : label)).join(', ');

function right(sketch: SketchName, caption: PlainKey): GuideFigure {
  return { sketch, verdict: 'right', caption: t(caption) };
}

function wrong(sketch: SketchName, caption: PlainKey): GuideFigure {
  return { sketch, verdict: 'wrong', caption: t(caption) };
}

function takes(removed: readonly string[]): string {
  if (removed.length === 0) return t('guide.takesNothing');
  if (LABEL_NAMES.every((label) => removed.includes(label))) return t('guide.takesAll');
  return t('guide.takesAway', { labels: listed(removed) });
}

function flagSection(policy: Policy): GuideSection {
  const flags = Object.entries(policy.flags);
  const own = flags.filter(([flag]) => FLAGS[flag] === undefined);
  return {
    id: 'flags',
    title: t('guide.flags'),
    paragraphs: [
      t('guide.flagsText'),
      ...own.map(([flag, removed]) => `${className(flag)}: ${takes(removed)}`),
    ],
    figures: flags.flatMap(([flag, removed]) => {
      const known = FLAGS[flag];
      return known
        ? [
            {
              sketch: known.sketch,
              verdict: null,
              caption: `${className(flag)}. ${t(known.text)} ${takes(removed)}`,
            },
          ]
        : [];
    }),
  };
}

function pointSections(policy: Policy): GuideSection[] {
  return [
    {
      id: 'points',
      title: t('guide.points'),
      paragraphs: [
        t('guide.pointsText'),
        t('guide.pointsTolerance', { percent: percent(policy.landmark_nme_max) }),
      ],
      figures: [right('pointsRight', 'guide.pointsRight'), wrong('pointsLow', 'guide.pointsLow')],
    },
    {
      id: 'hidden',
      title: t('guide.hidden'),
      paragraphs: [t('guide.hiddenText')],
      figures: [right('hiddenRight', 'guide.hiddenRight'), wrong('hiddenWrong', 'guide.hiddenWrong')],
    },
    {
      id: 'turned',
      title: t('guide.turned'),
      paragraphs: [t('guide.turnedText')],
      figures: [right('turnedRight', 'guide.turnedRight'), wrong('turnedWrong', 'guide.turnedWrong')],
    },
  ];
}

function checkText(policy: Policy): string[] {
  if (policy.checks === 0) return [t('guide.checksNone')];
  const differ = policy.on_disagreement === 'another_check' ? 'guide.checksAgain' : 'guide.checksDiffer';
  return [t('guide.checksText', { count: policy.checks }), t(differ)];
}

/** The guide of a dataset in the person's language. */
export function guideSections(policy: Policy): GuideSection[] {
  const names = (values: readonly string[]): string => values.map(className).join(', ');
  return [
    {
      id: 'box',
      title: t('guide.box'),
      paragraphs: [t('guide.boxText'), t('guide.boxTolerance', { percent: percent(policy.box_iou_min) })],
      figures: [
        right('boxRight', 'guide.boxRight'),
        wrong('boxLoose', 'guide.boxLoose'),
        wrong('boxTight', 'guide.boxTight'),
      ],
    },
    ...pointSections(policy),
    flagSection(policy),
    {
      id: 'size',
      title: t('guide.size'),
      paragraphs: [t('guide.sizeText', { px: policy.min_side_px })],
      figures: [{ sketch: 'size', verdict: null, caption: t('guide.sizeShown') }],
    },
    {
      id: 'age',
      title: t('guide.age'),
      paragraphs: [t('guide.ageText'), t('guide.ageBlind')],
      figures: [],
    },
    {
      id: 'words',
      title: t('guide.words'),
      paragraphs: [
        t('guide.wordsText', { unsure: className(policy.cannot_tell) }),
        t('guide.genders', { values: names(policy.genders) }),
        t('guide.ethnicities', { values: names(policy.ethnicities) }),
        ...(policy.blind_in_checks.length > 0
          ? [t('guide.wordsBlind', { labels: listed(policy.blind_in_checks) })]
          : []),
      ],
      figures: [],
    },
    { id: 'checks', title: t('guide.checks'), paragraphs: checkText(policy), figures: [] },
  ];
}

const textOf = (section: GuideSection): string =>
  [section.title, ...section.paragraphs, ...section.figures.map((one) => one.caption)].join(' ');

/** Every word of the query, in any order and case, somewhere in the text. */
export function saysAll(text: string, query: string): boolean {
  const said = text.toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

export function sectionsFound(sections: readonly GuideSection[], query: string): GuideSection[] {
  return sections.filter((section) => saysAll(textOf(section), query.trim()));
}
