/** The conditions of the audit page and the addresses that they make. */

import type { Query } from '../api/client';
import { spaced } from './words';

/** Empty strings leave a condition out. Days as 2026-01-31, UTC, both inclusive. */
export interface AuditFilter {
  person: string;
  verb: string;
  target_type: string;
  target_id: string;
  since: string;
  until: string;
}

export const NO_CONDITION: AuditFilter = {
  person: '',
  verb: '',
  target_type: '',
  target_id: '',
  since: '',
  until: '',
};

/** "face.restored" → "face restored". */
export const verbText = (verb: string): string => spaced(verb).replaceAll('.', ' ');

/** Query of the audit trail. */
export const auditQuery = (filter: AuditFilter): Query => ({ ...filter });

/** Query of the log of viewed photographs: it knows people, images and days only. */
export const viewQuery = (filter: AuditFilter): Query => ({
  person: filter.person,
  image: filter.target_id,
  since: filter.since,
  until: filter.until,
});
