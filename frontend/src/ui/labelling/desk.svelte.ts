/** What is open on a labelling page; belongs to the page, not to the labels. */

import type { BoxTuple } from '../../api/types';
import type { ImagePx } from '../../model/coords';
import type { Change } from '../../model/difference';
import { preferences } from '../../store/ownPreferences';

import { t, type PlainKey } from '../../i18n';

export type OpenForm = 'skip' | 'dispute' | 'send_back' | 'keys' | 'ask' | null;

/** What the keyboard asks of the stage. */
export interface StageControls {
  zoomBy(factor: number): void;
  /** Move the photograph by CSS pixels. */
  panBy(dx: number, dy: number): void;
  fit(): void;
  focus(): void;
  /** Bring a part of the photograph into view, close enough to be judged. False: it is already. */
  show(box: BoxTuple): boolean;
  /** What lies in the middle, in pixels of the image, and how many CSS pixels one of them is. */
  middle(): { at: ImagePx; scale: number } | null;
}

export class Desk {
  form = $state<OpenForm>(null);
  /** Space is held: the photograph alone, and dragging moves it. */
  alone = $state(false);
  /** The guide stands beside the photograph; it stays open from face to face and from day to day. */
  guide = $state(preferences.get('guide_open'));
  /** The person tried to save and could not: what forbids it is marked. */
  refused = $state(false);
  stage = $state.raw<StageControls | null>(null);
  /** Adjudication by parts: the row of the table that letters take from, or null while letters mean other things. */
  mergeRow = $state<number | null>(null);
  /** Checks: the change that is looked at, and the one in the list under the pointer. */
  change = $state<Change['part'] | null>(null);
  changeUnder = $state<Change['part'] | null>(null);
  /** Sweeps: boxes are drawn by four extreme clicks; stays from photograph to photograph. */
  extremes = $state(false);
  /** Letters of versions that are not drawn. */
  hiddenVersions = $state.raw<readonly string[]>([]);

  /** Reasons chosen before the dispute form opened. */
  reasons = $state.raw<readonly string[]>([]);

  /** Open the dispute with one reason already chosen. */
  dispute(reason: string): void {
    this.form = 'dispute';
    this.reasons = [reason];
  }

  toggle(form: Exclude<OpenForm, null>): void {
    this.form = this.form === form ? null : form;
    this.reasons = [];
  }

  toggleGuide(): void {
    this.guide = !this.guide;
    preferences.set('guide_open', this.guide);
    if (!this.guide) this.stage?.focus();
  }

  toggleVersion(letter: string): void {
    this.hiddenVersions = this.hiddenVersions.includes(letter)
      ? this.hiddenVersions.filter((one) => one !== letter)
      : [...this.hiddenVersions, letter];
  }

  /** Leave what is open: the keys belong to the photograph again. */
  close(): void {
    this.form = null;
    this.stage?.focus();
  }

  /** A new item: nothing is open. */
  clear(): void {
    this.form = null;
    this.refused = false;
    this.mergeRow = null;
    this.change = this.changeUnder = null;
    this.hiddenVersions = [];
  }
}

/** Reasons are sent and stored in English, whoever reads them; a page shows the known ones in the reader's language. */
const REASONS: Readonly<Record<string, PlainKey>> = {
  'I cannot tell where the face is': 'labelling.reasonNoFace',
  'The photograph is broken': 'labelling.reasonBroken',
  'I know this person': 'labelling.reasonKnown',
  'Needs somebody with more experience': 'labelling.reasonExperience',
  'Landmarks off': 'labelling.reasonLandmarks',
  'Wrong box': 'labelling.reasonBox',
  'Wrong attribute': 'labelling.reasonAttribute',
  'Flag missing': 'labelling.reasonFlag',
  'Place the landmarks again': 'labelling.reasonPlaceAgain',
  'Draw the box again': 'labelling.reasonDrawAgain',
  'Look at gender and ethnicity again': 'labelling.reasonWordsAgain',
  'Set the flag that fits': 'labelling.reasonSetFlag',
};

export function shownReason(sent: string): string {
  const key = REASONS[sent];
  return key === undefined ? sent : t(key);
}

/** Of a stored text: chosen reasons and own words, as ReasonForm joins them. */
export const shownReasons = (text: string): string => text.split('; ').map(shownReason).join('; ');

export const SKIP_REASONS = [
  'I cannot tell where the face is',
  'The photograph is broken',
  'I know this person',
  'Needs somebody with more experience',
] as const;

export const DISPUTE_REASONS = ['Landmarks off', 'Wrong box', 'Wrong attribute', 'Flag missing'] as const;

export const SEND_BACK_REASONS = [
  'Place the landmarks again',
  'Draw the box again',
  'Look at gender and ethnicity again',
  'Set the flag that fits',
] as const;
