import { describe, expect, it } from 'vitest';
import type { Policy } from '../api/types';
import { classesFromText, policyChanges, policyProblems } from './policyEdit';

const policy: Policy = {
  genders: ['female', 'male'],
  ethnicities: ['asian', 'black', 'white'],
  cannot_tell: 'unsure',
  flags: { occluded: ['landmarks', 'age'], profile: ['landmarks'], not_a_face: [] },
  required: ['age'],
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
const fields = (draft: Policy): string[] => policyProblems(draft).map((problem) => problem.field);

describe('policyProblems', () => {
  it('finds nothing in a usable policy', () => {
    expect(policyProblems(policy)).toEqual([]);
  });
  it('names the class that is there twice or is the word for cannot tell', () => {
    expect(policyProblems({ ...policy, genders: ['a', 'a'] })[0]?.message).toBe('"a" is named twice.');
    expect(fields({ ...policy, ethnicities: ['unsure'] })).toEqual(['ethnicities']);
    expect(fields({ ...policy, genders: [] })).toEqual(['genders']);
    expect(fields({ ...policy, genders: ['x'.repeat(40)] })).toEqual([]);
    expect(fields({ ...policy, genders: ['x'.repeat(41)] })).toEqual(['genders']);
  });
  it('keeps the flag that rejects false detections', () => {
    expect(fields({ ...policy, flags: {} })).toEqual(['flags']);
  });
  it('checks the range of each number at its ends', () => {
    expect(fields({ ...policy, checks: 11 })).toEqual(['checks']);
    expect(fields({ ...policy, checks: 1.5 })).toEqual(['checks']);
    expect(fields({ ...policy, checks: 0 })).toEqual([]);
    expect(fields({ ...policy, box_iou_min: 1.01, landmark_nme_max: 0 })).toEqual([
      'box_iou_min',
      'landmark_nme_max',
    ]);
    expect(fields({ ...policy, lease_minutes: 0 })).toEqual(['lease_minutes']);
    expect(fields({ ...policy, min_side_px: Number.NaN })).toEqual(['min_side_px']);
    expect(fields({ ...policy, min_side_px: 10_001 })).toEqual(['min_side_px']);
    expect(fields({ ...policy, test_share: 0.51, blind_share: 1.01, random_share: 0 })).toEqual([
      'test_share',
      'blind_share',
      'random_share',
    ]);
    expect(fields({ ...policy, test_share: 0.5, blind_share: 0, random_share: 0.05 })).toEqual([]);
    expect(fields({ ...policy, checks_max: 21, age_error_max: 51, age_people_max: 0 })).toEqual([
      'checks_max',
      'age_error_max',
      'age_people_max',
    ]);
    expect(fields({ ...policy, gold_share: 0.51, gold_age_years_max: 0, resweep_share: 1.1 })).toEqual([
      'gold_share',
      'gold_age_years_max',
      'resweep_share',
    ]);
  });
  it('says what may be given', () => {
    expect(policyProblems({ ...policy, checks: 11 })[0]?.message).toBe('Give a whole number from 0 to 10.');
    expect(policyProblems({ ...policy, landmark_nme_max: 0 })[0]?.message).toBe('Give a number above 0.');
  });
  it('checks the regions and the watched respects that are named', () => {
    expect(fields({ ...policy, region_nme_max: { eyes: 0.03 }, watch_acceptable: { age: 0.2 } })).toEqual([]);
    expect(fields({ ...policy, region_nme_max: { eyes: 0 } })).toEqual(['region_nme_max']);
    expect(fields({ ...policy, watch_acceptable: { age: 1 } })).toEqual(['watch_acceptable']);
  });
});

describe('policyChanges', () => {
  it('is empty for the same policy', () => {
    expect(policyChanges(policy, structuredClone(policy))).toEqual([]);
  });
  it('shows numbers, lists and flags before and after', () => {
    const after = {
      ...policy,
      checks: 1,
      ethnicities: ['asian', 'black', 'white', 'mixed'],
      flags: { occluded: ['landmarks'], not_a_face: [], statue: ['age'] },
    };
    expect(policyChanges(policy, after)).toEqual([
      { title: 'Ethnicity classes', before: 'asian, black, white', after: 'asian, black, white, mixed' },
      { title: 'Flag "occluded"', before: 'removes landmarks, age', after: 'removes landmarks' },
      { title: 'Flag "profile"', before: 'removes landmarks', after: 'taken away' },
      { title: 'Flag "statue"', before: 'not there', after: 'removes age' },
      { title: 'Checks per face', before: '2', after: '1' },
    ]);
  });
  it('writes the order of open faces in words', () => {
    expect(policyChanges(policy, { ...policy, order: 'learning' })).toEqual([
      { title: 'Order of open faces', before: 'as they came', after: 'what a model learns most from' },
    ]);
  });
  it('writes tolerances, yes and no, and lists in words', () => {
    const after: Policy = {
      ...policy,
      region_nme_max: { lips: 0.04, eyes: 0.03 },
      watch_pauses: false,
      blind_in_checks: ['gender'],
    };
    expect(policyChanges(policy, after)).toEqual([
      { title: 'Asked blind in checks', before: 'nothing', after: 'gender' },
      { title: 'Largest distance in a region', before: 'none', after: 'eyes 0.03, lips 0.04' },
      { title: 'Pause people who fail', before: 'yes', after: 'no' },
    ]);
  });
  it('takes the order of what a flag removes as no change', () => {
    const after = { ...policy, flags: { ...policy.flags, occluded: ['age', 'landmarks'] } };
    expect(policyChanges(policy, after)).toEqual([]);
  });
});

describe('classesFromText', () => {
  it('drops spaces and empty names', () => {
    expect(classesFromText(' asian, , black ,white,')).toEqual(['asian', 'black', 'white']);
  });
});
