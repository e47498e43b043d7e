/**
 * What undo is about on the face page: the labels, and what the person said of the points while placing them. Only the
 * labels are ever submitted; the rest lives in drafts.
 */

import type { Labels as WireLabels } from '../api/types';
import { imagePx, type ImagePx } from './coords';
import { POINTS } from './ibug68';
import { fromWire, toWire, type Labels } from './labels';
import type { Points68, Start } from './shapeModel';

export interface Shape {
  /** Points that a person placed or confirmed, sorted. They lie where the labels say. */
  readonly pins: readonly number[];
  /** The points before the first of the pins was moved; null: no unpinned point has followed one since they came. */
  readonly base: Points68 | null;
  readonly start: Start;
}

export interface FaceState {
  readonly labels: Labels;
  readonly shape: Shape;
}

/** Nobody has touched these labels. */
export function untouched(labels: Labels, start: Start): FaceState {
  return { labels, shape: { pins: [], base: null, start } };
}

/**
 * The state with other labels that no gesture of the shape made: pins of points that are still there stay (`keep` may
 * leave some out), and what lies there now is what the next gesture starts from.
 */
export function relabelled(
  state: FaceState,
  labels: Labels,
  keep: (index: number) => boolean = () => true,
): FaceState {
  if (labels === state.labels) return state;
  const { landmarks } = labels;
  if (landmarks === state.labels.landmarks) return { labels, shape: state.shape };
  const pins = landmarks ? state.shape.pins.filter((index) => landmarks.points[index] && keep(index)) : [];
  return { labels, shape: { ...state.shape, pins, base: null } };
}

export const isPinned = (state: FaceState, index: number): boolean => state.shape.pins.includes(index);

const hundredth = (value: number): number => Math.round(value * 100) / 100;

/** Plain JSON for drafts. */
export function stateToData({ labels, shape }: FaceState): Record<string, unknown> {
  const base = shape.base?.map((p) => p && [hundredth(p.x), hundredth(p.y)]) ?? null;
  return { labels: toWire(labels), shape: { pins: [...shape.pins], base, start: shape.start } };
}

/**
 * Inverse of stateToData. Drafts written before there were pins read as having none; `start` is what the labels came
 * from then. null if there are no labels in it. Throws like fromWire.
 */
export function stateFromData(data: Record<string, unknown>, start: Start): FaceState | null {
  if (typeof data.labels !== 'object' || data.labels === null) return null;
  const labels = fromWire(data.labels as WireLabels);
  const found = untouched(labels, start);
  if (typeof data.shape !== 'object' || data.shape === null) return found;
  const { pins, base, start: from } = data.shape as Partial<Record<keyof Shape, unknown>>;
  const isPin = (index: unknown): index is number =>
    typeof index === 'number' && Boolean(labels.landmarks?.points[index]);
  return {
    labels,
    shape: {
      pins: Array.isArray(pins) ? [...new Set(pins.filter(isPin))].sort((a, b) => a - b) : [],
      base: Array.isArray(base) && base.length === POINTS ? base.map(pointFrom) : null,
      start: from === 'template' || from === 'prelabel' ? from : start,
    },
  };
}

function pointFrom(value: unknown): ImagePx | null {
  if (!Array.isArray(value)) return null;
  const [x, y] = value as unknown[];
  return typeof x === 'number' && typeof y === 'number' ? imagePx(x, y) : null;
}
