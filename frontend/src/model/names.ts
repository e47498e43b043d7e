/** Names of a face's parts and of a policy's classes in the reader's language. */

import { isTextKey, language, t, type PlainKey } from '../i18n';
import type { RegionName } from './ibug68';
import { spaced, titled } from './words';

export type PartName = RegionName | 'box' | 'landmarks' | 'gender' | 'ethnicity' | 'flags' | 'age';

const PARTS = {
  jaw: 'words.jaw',
  brows: 'words.brows',
  nose: 'words.nose',
  eyes: 'words.eyes',
  lips: 'words.lips',
  box: 'words.box',
  landmarks: 'words.landmarks',
  gender: 'words.gender',
  ethnicity: 'words.ethnicity',
  flags: 'words.flags',
  age: 'words.age',
} as const satisfies Record<PartName, PlainKey>;

/** 'Jaw', 'Box': as a heading or at the start of a line. */
export const partName = (part: PartName): string => t(PARTS[part]);

function known(value: string): string | null {
  const key = `classes.${value}`;
  return isTextKey(key) ? t(key as PlainKey) : null;
}

/**
 * A class, flag, state or kind of work at the start of a label: in the reader's language where the catalogues know it,
 * else as the policy writes it ('not_a_face' -> 'Not a face').
 */
export const spokenName = (name: string): string => known(name) ?? titled(name);

/** The same inside a sentence; English keeps the policy's own spelling ('female', 'White'). */
export const className = (value: string): string =>
  language() === 'en' ? spaced(value) : (known(value) ?? spaced(value));
