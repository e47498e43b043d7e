import type { KindCounts, MyWork, PassKind } from '../api/types';
import { t } from '../i18n';

export const NOTHING: KindCounts = { annotate: 0, check: 0, adjudicate: 0, sweep: 0 };

/** What a person did today in a dataset, by their own clock, and how much an admin set as their goal (0: none). */
export class Day {
  counts: KindCounts = NOTHING;
  goal = 0;

  read(work: Pick<MyWork, 'today' | 'goal'>): void {
    this.counts = work.today;
    this.goal = work.goal;
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  count(kind: PassKind, step: 1 | -1): void {
    this.counts = { ...this.counts, [kind]: Math.max(0, this.counts[kind] + step) };
  }

  /** 'Today 34', or '34 of 60 today'. */
  get sentence(): string {
    return this.goal > 0
      ? t('words.ofGoalToday', { done: this.total, goal: this.goal })
      : t('words.today', { done: this.total });
  }
}

/** Minutes that this computer's clock is ahead of UTC: the server counts a day from the person's own midnight. */
export function utcOffset(now = new Date()): number {
  return 0 - now.getTimezoneOffset();
}
