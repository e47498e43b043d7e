/** What a delivery's row says, as pure text. */

import type { Delivery } from '../api/types';
import { countOf, dayText, percentText } from './words';

/** 'closed', 'done', 'late', 'empty' or 'open': what a person must know first. */
export type DeliveryStanding = 'closed' | 'done' | 'late' | 'empty' | 'open';

export function standingOf(delivery: Delivery): DeliveryStanding {
  if (delivery.closed_at !== null) return 'closed';
  if (delivery.images === 0) return 'empty';
  if (delivery.is_done) return 'done';
  return delivery.is_late ? 'late' : 'open';
}

/** Faces that need nobody any more, of all of them. */
export function progressOf(delivery: Delivery): { done: number; total: number } {
  const done = delivery.accepted + delivery.other;
  return { done, total: done + delivery.in_work };
}

export function progressText(delivery: Delivery): string {
  const { done, total } = progressOf(delivery);
  if (total === 0) return delivery.images === 0 ? 'no images yet' : 'no faces yet';
  return `${percentText(done, total)} of ${countOf(total, 'face')}`;
}

/** "due 3 Mar, in 4 days"; "3 days late"; '' without a day. */
export function dueText(delivery: Delivery, now: Date = new Date()): string {
  if (delivery.due_at === null) return '';
  const due = `due ${dayText(delivery.due_at, now)}`;
  if (delivery.closed_at !== null || delivery.is_done) return due;
  const days = (new Date(delivery.due_at).getTime() - now.getTime()) / 86_400_000;
  if (days < 0) return `${due}, ${days > -1 ? 'less than a day' : countOf(Math.floor(-days), 'day')} late`;
  return `${due}, ${days < 1 ? 'within a day' : `in ${countOf(Math.floor(days), 'day')}`}`;
}
