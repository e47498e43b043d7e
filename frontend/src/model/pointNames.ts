/** What an annotator calls each of the 68 points; left and right are sides of the picture. */

import { t, type PlainKey } from '../i18n';

const BASE = [
  'pointNostrilLeft',
  'pointBaseLeft',
  'pointBaseMiddle',
  'pointBaseRight',
  'pointNostrilRight',
] as const;
const EYE = [
  'pointOuterCorner',
  'pointUpperOuter',
  'pointUpperInner',
  'pointInnerCorner',
  'pointLowerInner',
  'pointLowerOuter',
] as const;
/** The right eye's points begin at its inner corner. */
const RIGHT_EYE = [3, 2, 1, 0, 5, 4] as const;
const SINGLE: Readonly<Record<number, PlainKey>> = {
  8: 'words.pointChin',
  30: 'words.pointNoseTip',
  48: 'words.pointMouthLeft',
  51: 'words.pointUpperLipMiddle',
  54: 'words.pointMouthRight',
  57: 'words.pointLowerLipMiddle',
  60: 'words.pointInnerMouthLeft',
  64: 'words.pointInnerMouthRight',
};

function eyePoint(side: PlainKey, place: number): string {
  const name = EYE[place];
  return name === undefined ? '' : t('words.pointOfEye', { eye: t(side), place: t(`words.${name}`) });
}

export function pointName(index: number): string {
  const single = SINGLE[index];
  if (single !== undefined) return t(single);
  if (index < 17)
    return index < 8
      ? t('words.pointJawLeft', { n: index + 1 })
      : t('words.pointJawRight', { n: 17 - index });
  if (index < 22) return t('words.pointBrowLeft', { n: index - 16 });
  if (index < 27) return t('words.pointBrowRight', { n: 27 - index });
  if (index < 30) return t('words.pointNoseBridge', { n: index - 26 });
  if (index < 36) {
    const name = BASE[index - 31];
    return name === undefined ? '' : t(`words.${name}`);
  }
  if (index < 42) return eyePoint('words.pointLeftEye', index - 36);
  if (index < 48) return eyePoint('words.pointRightEye', RIGHT_EYE[index - 42] ?? 0);
  if (index < 54) return t('words.pointUpperLip', { n: index - 48 });
  if (index < 60) return t('words.pointLowerLip', { n: 60 - index });
  return index < 64
    ? t('words.pointInnerUpperLip', { n: index - 60 })
    : t('words.pointInnerLowerLip', { n: 68 - index });
}
