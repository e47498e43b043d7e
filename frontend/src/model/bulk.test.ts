import { describe, expect, it } from 'vitest';
import type { BulkPlan } from '../api/types';
import {
  effortText,
  giveText,
  hoursText,
  leftTexts,
  NO_FIELDS,
  orderBody,
  orderProblem,
  touchedText,
} from './bulk';

const plan = (more: Partial<BulkPlan> = {}): BulkPlan => ({
  of: 'faces',
  touched: 40,
  left: [],
  passes: { annotate: 40, check: 80 },
  hours: 1,
  seconds: { annotate: { median: 60, n: 1200 }, check: { median: 15, n: 300 } },
  unknown: [],
  ...more,
});

describe('an order for many faces', () => {
  it('sends only what belongs to its action', () => {
    const fields = { reason: ' Jaws ', level: 'later', person: '7', delivery: '3' };
    expect(orderBody('reopen', fields)).toEqual({ action: 'reopen', reason: 'Jaws' });
    expect(orderBody('prioritise', fields)).toEqual({ action: 'prioritise', level: 'later' });
    expect(orderBody('assign', fields)).toEqual({ action: 'assign', person: 7 });
    expect(orderBody('deliver', fields)).toEqual({ action: 'deliver', delivery: 3 });
    expect(orderBody('release', fields)).toEqual({ action: 'release' });
  });
  it('is not counted while a person or a delivery is missing', () => {
    expect(orderBody('assign', NO_FIELDS)).toBeNull();
    expect(orderBody('deliver', NO_FIELDS)).toBeNull();
  });
  it('says what is missing, the count before the reason', () => {
    expect(orderProblem('assign', NO_FIELDS, null)).toBe('Choose the person.');
    expect(orderProblem('reopen', NO_FIELDS, null)).toBe('The faces are being counted.');
    expect(orderProblem('reopen', NO_FIELDS, plan({ touched: 0 }))).toBe('Nothing would change.');
    expect(orderProblem('reopen', NO_FIELDS, plan())).toBe('Give a reason: it is kept with each face.');
    expect(orderProblem('reopen', { ...NO_FIELDS, reason: 'x' }, plan())).toBeNull();
    expect(orderProblem('prioritise', NO_FIELDS, plan())).toBeNull();
  });
  it('counts images where it is about images', () => {
    expect(touchedText(plan({ of: 'images', touched: 1 }))).toBe('1 image');
    expect(touchedText(plan({ touched: 1200 }))).toBe('1,200 faces');
  });
  it('says on its button what it does to how many', () => {
    expect(giveText('prioritise', plan())).toBe('Give 40 faces this priority');
    expect(giveText('deliver', plan({ of: 'images', touched: 1 }))).toBe('Deliver 1 image');
    expect(giveText('reopen', null)).toBe('Reopen');
  });
  it('tells what is left alone and why', () => {
    const left = [{ code: 'held', count: 3, text: 'somebody is working on them right now' }];
    expect(leftTexts(plan({ left }))).toEqual(['3 left alone: somebody is working on them right now']);
  });
});

describe('the estimate of hours', () => {
  it('says what it is made of', () => {
    expect(effortText(plan())).toBe(
      '40 first labellings, 80 checks: about 60 minutes of work ' +
        '(median first labelling 60 s, n = 1,200; check 15 s, n = 300).',
    );
  });
  it('gives no number where nobody knows', () => {
    const text = effortText(plan({ hours: null, unknown: ['check'] }));
    expect(text).toContain('Hours cannot be told yet: nobody has made timed checks in this dataset.');
  });
  it('is never exacter than two digits', () => {
    expect(hoursText(0.001)).toBe('less than a minute');
    expect(hoursText(1 / 60)).toBe('about 1 minute');
    expect(hoursText(1.987)).toBe('about 120 minutes');
    expect(hoursText(2.04)).toBe('about 2 hours');
    expect(hoursText(1234)).toBe('about 1,200 hours');
  });
  it('says so when no work is behind it', () => {
    expect(effortText(plan({ passes: {}, hours: 0 }))).toBe('No work is waiting behind them.');
  });
});
