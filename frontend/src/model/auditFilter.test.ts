import { describe, expect, it } from 'vitest';
import { apiUrl } from '../api/client';
import { auditQuery, NO_CONDITION, verbText, viewQuery } from './auditFilter';

describe('audit filter', () => {
  it('leaves out what is not asked for', () => {
    expect(apiUrl('/datasets/1/audit', auditQuery(NO_CONDITION))).toBe('/api/v1/datasets/1/audit');
    expect(apiUrl('/a', auditQuery({ ...NO_CONDITION, verb: 'face.restored', since: '2026-01-31' }))).toBe(
      '/api/v1/a?verb=face.restored&since=2026-01-31',
    );
  });
  it('asks for an image where the trail asks for any target', () => {
    const filter = { ...NO_CONDITION, person: '4', verb: 'x', target_type: 'face', target_id: '7' };
    expect(apiUrl('/v', viewQuery(filter))).toBe('/api/v1/v?person=4&image=7');
  });
  it('speaks verbs', () => {
    expect(verbText('near_duplicate_decide')).toBe('near duplicate decide');
    expect(verbText('face.restored')).toBe('face restored');
  });
});
