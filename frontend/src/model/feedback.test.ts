import { describe, expect, it } from 'vitest';
import { decisionSentence, saysSomething } from './feedback';

describe('decisionSentence', () => {
  it('says what the adjudicator changed in what the person did', () => {
    const changes = [
      { part: 'gender', text: 'gender female → male' },
      { part: 'flags', text: 'not_a_face cleared' },
    ];
    expect(decisionSentence({ kind: 'annotate', changes })).toBe(
      'You labelled this face. The adjudicator decided differently: gender female → male; not a face cleared.',
    );
  });
  it('says that a version was kept', () => {
    expect(decisionSentence({ kind: 'check', changes: [] })).toBe(
      'You checked this face. The adjudicator kept your version.',
    );
  });
});

describe('saysSomething', () => {
  it('is false of an empty answer', () => {
    expect(
      saysSomething({ reserved: [], decisions: [], questions: [], newest_answer: null, advice: [] }),
    ).toBe(false);
  });
});
