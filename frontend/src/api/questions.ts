/** Questions about faces and their answers; what people are told about their own work. */

import { api } from './client';
import type { Feedback, Page, Question, QuestionCounts } from './types';

type Threads = { results: Question[] };

export const questionsApi = {
  ofFace: (face: number, signal?: AbortSignal) =>
    api.get<Threads>(`/faces/${face}/notes`, signal ? { signal } : {}),
  ask: (face: number, text: string) => api.post<Threads>(`/faces/${face}/notes`, { text }),
  answer: (question: number, text: string) => api.post<Question>(`/questions/${question}/answers`, { text }),
  resolve: (question: number, resolved: boolean) =>
    api.post<Question>(`/questions/${question}/resolve`, { resolved }),
  list: (dataset: number, state: string, cursor: string | null, signal?: AbortSignal) =>
    api.get<Page<Question>>(`/datasets/${dataset}/questions`, {
      query: { state, cursor },
      ...(signal ? { signal } : {}),
    }),
  counts: (dataset: number) =>
    api.get<QuestionCounts>(`/datasets/${dataset}/questions/count`, { quiet: true }),
  feedback: (dataset: number, signal?: AbortSignal) =>
    api.get<Feedback>(`/datasets/${dataset}/work/feedback`, signal ? { signal } : {}),
  seen: (dataset: number, upTo: number) =>
    api.post<{ seen: number }>(`/datasets/${dataset}/answers/seen`, { up_to: upTo }),
};
