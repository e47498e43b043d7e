/** Small hand-made labels, policies and items for the unit tests. */

import type {
  BoxTuple,
  Item,
  ItemFace,
  Labels as WireLabels,
  Policy,
  SweepFace,
  SweepSuggestion,
} from '../api/types';
import { TEMPLATE } from './ibug68';

export const policy: Policy = {
  genders: ['female', 'male'],
  ethnicities: ['asian', 'black', 'white'],
  cannot_tell: 'unsure',
  flags: {
    occluded: ['landmarks', 'age', 'gender', 'ethnicity'],
    blurred: ['landmarks', 'age', 'gender', 'ethnicity'],
    profile: ['landmarks'],
    not_a_face: ['landmarks', 'age', 'gender', 'ethnicity'],
  },
  required: ['landmarks', 'age', 'gender', 'ethnicity'],
  min_side_px: 30,
  checks: 2,
  box_iou_min: 0.7,
  landmark_nme_max: 0.05,
  lease_minutes: 10,
  test_share: 0.1,
  blind_share: 0.02,
  order: 'arrival',
  random_share: 0.2,
  distribution: 'pull',
  blind_in_checks: [],
  region_nme_max: {},
  on_disagreement: 'adjudicate',
  checks_max: 4,
  age_error_max: 0,
  age_people_max: 6,
  attributes_by: 'majority',
  gold_share: 0,
  resweep_share: 0,
  watch_acceptable: {},
  watch_pauses: true,
  gold_age_years_max: 12,
  tutorial_required: false,
};

/** Box of 100 x 100 px at (100, 100); point i lies on the template inside it; everything visible. */
export function wireLabels(changes: Partial<WireLabels> = {}): WireLabels {
  return {
    box: [100, 100, 200, 200],
    landmarks: TEMPLATE.map(([u, v]) => [100 + 100 * u, 100 + 100 * v]),
    visibility: TEMPLATE.map(() => 0),
    age: null,
    gender: 'female',
    ethnicity: 'white',
    flags: [],
    ...changes,
  };
}

export function faceItem(
  changes: Partial<Item> = {},
  face: Partial<ItemFace> = {},
): Item & { face: ItemFace } {
  return {
    id: 7,
    kind: 'annotate',
    pass_number: 1,
    passes_total: 3,
    round: 1,
    lease: { token: 'token-7', until: '2026-01-01T00:10:00Z' },
    dataset_id: 1,
    image: { id: 3, width: 400, height: 300, url: '/api/v1/images/3/file?side=1024' },
    sweep: null,
    draft: null,
    ...changes,
    face: {
      id: 11,
      base_revision: 21,
      labels: wireLabels(),
      prelabel: wireLabels(),
      blind: false,
      asked_blind: [],
      uncertain: [],
      uncertainty: 0.2,
      needs_person: '',
      roll: 0,
      crop: { url: '/api/v1/images/3/crop', x: 50, y: 50, width: 200, height: 200, pixels: 800 },
      ...face,
    },
  };
}

export function sweepItem(
  faces: Partial<SweepFace>[] = [],
  suggestions: SweepSuggestion[] = [],
): Item & { sweep: { faces: SweepFace[]; suggestions: SweepSuggestion[] } } {
  return {
    ...faceItem({ id: 9, kind: 'sweep' }),
    face: null,
    sweep: {
      faces: faces.map((face, i) => ({
        id: i + 1,
        state: 'waiting',
        box: [10, 10, 60, 60] as BoxTuple,
        detector: 'centerface',
        score: 0.9,
        needs_person: '',
        ...face,
      })),
      suggestions,
    },
  };
}
