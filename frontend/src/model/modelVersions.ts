/** Versions of a dataset's models in words and numbers. */

import type { Promotion } from '../api/types';

/** A figure that models are measured by; `percent`: a share shown as a percentage. */
export interface Figure {
  key: string;
  title: string;
  /** Unit for headings; the value is already in it after `shown`. */
  unit: string;
  percent: boolean;
  digits: number;
  /** Which way is good. */
  more: boolean;
}

export const FIGURES: readonly Figure[] = [
  { key: 'ap50', title: 'Detection AP', unit: '%', percent: true, digits: 1, more: true },
  {
    key: 'nme_interocular',
    title: 'Landmark error / eye distance',
    unit: '%',
    percent: true,
    digits: 2,
    more: false,
  },
  { key: 'age_mae', title: 'Age error', unit: 'years', percent: false, digits: 1, more: false },
  { key: 'gender_acc', title: 'Gender right', unit: '%', percent: true, digits: 1, more: true },
  { key: 'ethnicity_acc', title: 'Ethnicity right', unit: '%', percent: true, digits: 1, more: true },
];

/** The figure as a number in its unit, a dash where it was not measured. */
export function figureText(figure: Figure, value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  return (figure.percent ? 100 * value : value).toFixed(figure.digits);
}

/** "m3", or the coarse provider's name for null. */
export const modelName = (number: number | null, coarse: string): string =>
  number === null ? coarse : `m${number}`;

/**
 * Who pre-labels after a rollback: what the champion took over from when it last became champion other than by
 * going back to it. `promotions`: newest first. undefined: nothing to go back to.
 */
export function rollbackTarget(
  champion: number | null,
  promotions: readonly Promotion[],
): number | null | undefined {
  if (champion === null) return undefined;
  const crowned = promotions.find((one) => one.model === champion && !one.is_rollback);
  return crowned ? crowned.previous : null;
}

/** "S2 → S3 → S4" */
export const stagesText = (stages: readonly string[]): string => stages.join(' → ') || 'none';
