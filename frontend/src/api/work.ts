/** The calls of the labelling pages. */

import { utcOffset } from '../store/day';
import { api } from './client';
import type {
  Claimed,
  FaceSubmit,
  HeartbeatAnswer,
  MyWork,
  PassKind,
  Submitted,
  SweepSubmit,
  TakenBack,
  Waiting,
} from './types';

export interface WorkApi {
  claim(dataset: number, count: number, have: number[], kinds: PassKind[] | null): Promise<Claimed>;
  heartbeat(leases: { item: number; token: string }[]): Promise<HeartbeatAnswer>;
  putDraft(
    item: number,
    draft: { token: string; sequence: number; writer: string; known: number; data: Record<string, unknown> },
    keepalive?: boolean,
  ): Promise<{ sequence: number }>;
  deleteDraft(item: number): Promise<void>;
  submit(item: number, body: FaceSubmit | SweepSubmit): Promise<Submitted>;
  skip(item: number, token: string, reason: string): Promise<void>;
  release(item: number, token: string): Promise<void>;
  takeBack(item: number): Promise<TakenBack>;
  mine(dataset: number, cursor?: string | null): Promise<MyWork>;
}

export const workApi: WorkApi = {
  claim: (dataset, count, have, kinds) =>
    api.post(`/datasets/${dataset}/work/claim`, { count, have, ...(kinds ? { kinds } : {}) }),
  heartbeat: (leases) => api.post('/work/heartbeat', { leases }),
  putDraft: (item, draft, keepalive = false) => api.put(`/work/${item}/draft`, draft, { keepalive }),
  deleteDraft: (item) => api.delete(`/work/${item}/draft`),
  submit: (item, body) => api.post(`/work/${item}/submit`, body),
  skip: (item, token, reason) => api.post(`/work/${item}/skip`, { token, reason }),
  release: (item, token) => api.post(`/work/${item}/release`, { token }, { keepalive: true, quiet: true }),
  takeBack: (item) => api.post(`/work/${item}/take_back`, {}),
  mine: (dataset, cursor = null) =>
    api.get(`/datasets/${dataset}/work/mine`, { query: { cursor, utc_offset: utcOffset() } }),
};

/** What waits for this person, without claiming any of it. */
export function waitingFor(dataset: number): Promise<Waiting> {
  return api.get(`/datasets/${dataset}/work/waiting`);
}
