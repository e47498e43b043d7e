/** What is open on a labelling page; belongs to the page, not to the labels. */

import { preferences } from '../../store/ownPreferences';

export type OpenForm = 'skip' | 'dispute' | 'send_back' | 'keys' | 'ask' | null;

/** What the keyboard asks of the stage. */
export interface StageControls {
  zoomBy(factor: number): void;
  /** Move the photograph by CSS pixels. */
  panBy(dx: number, dy: number): void;
  fit(): void;
  focus(): void;
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
    this.hiddenVersions = [];
  }
}

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
