import type { Role } from '../../../api/types';

/** The roles of a dataset and what each may do, in words for the people page. */
export const ROLES: readonly { role: Role; may: string }[] = [
  { role: 'admin', may: 'everything in this dataset: people, policy, imports, releases, and all labelling' },
  { role: 'adjudicator', may: 'labels, checks, and decides disputed faces; sees progress and releases' },
  { role: 'annotator', may: 'labels, checks and sweeps what the queue hands out' },
  { role: 'researcher', may: 'reads images, accepted labels, statistics and releases; labels nothing' },
  { role: 'worker', may: 'a program with a token: pre-labels images' },
];
