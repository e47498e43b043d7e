import { t } from '../../../i18n';
import type { BatchAnswer, BatchQuestion } from '../../../model/batch';
import type { ShownCell } from '../../../store/batchSession';
import { spokenName } from '../../../tools/keys';

/** 'Gender', 'Flag: Occluded' */
export function questionName(question: BatchQuestion): string {
  if (question.kind === 'flag') return t('batch.flag', { flag: spokenName(question.flag) });
  return question.id === 'gender' ? t('batch.gender') : t('batch.ethnicity');
}

export function answerName(question: BatchQuestion, answer: BatchAnswer): string {
  if (answer === null) return t('batch.noAnswer');
  if (question.kind === 'class') return spokenName(answer);
  return answer === 'yes' ? spokenName(question.flag) : t('batch.no');
}

/** Everything that a tile says by its looks, in words. */
export function tileWords(question: BatchQuestion, cell: ShownCell, place: number, total: number): string {
  const said = [
    t('batch.place', { place: place + 1, total, answer: answerName(question, cell.answer) }),
    cell.session.item.kind === 'check' ? t('batch.isCheck') : '',
    cell.differs ? t('batch.differsLong') : '',
    cell.unsure ? t('batch.unsureLong') : '',
    cell.changed ? t('batch.changedLong') : '',
    cell.confirmed ? t('batch.confirmedLong') : '',
  ];
  return said.filter(Boolean).join(', ');
}
