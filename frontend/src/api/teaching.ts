/** The calls of the tutorial and of the guide. */

import { api } from './client';
import type { Guide, Labels, LessonFeedback, Tutorial, TutorialState } from './types';

export interface LessonAnswered {
  feedback: LessonFeedback;
  state: TutorialState;
}

export interface TutorialApi {
  load(dataset: number): Promise<Tutorial>;
  answer(lesson: number, labels: Labels): Promise<LessonAnswered>;
  restart(dataset: number): Promise<TutorialState>;
}

export const tutorialApi: TutorialApi = {
  load: (dataset) => api.get(`/datasets/${dataset}/tutorial`),
  answer: (lesson, labels) => api.post(`/tutorial/${lesson}/answer`, { labels }),
  restart: (dataset) => api.post(`/datasets/${dataset}/tutorial/restart`, {}),
};

/** How far this person is, for the first page. */
export function tutorialState(dataset: number): Promise<TutorialState> {
  return api.get(`/datasets/${dataset}/tutorial/state`);
}

export function guideOf(dataset: number): Promise<Guide> {
  return api.get(`/datasets/${dataset}/guide`);
}
