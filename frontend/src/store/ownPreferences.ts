/** The settings of the person at this browser: one store for every page. */

import { api } from '../api/client';
import { PreferenceStore, type KeptText, type Preferences } from './preferences';

function browserStorage(): KeptText | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // the browser forbids it to this site
  }
}

export const preferences = new PreferenceStore(browserStorage(), {
  fetch: () => api.get<Partial<Preferences>>('/me/preferences', { quiet: true }),
  change: (values) => api.patch('/me/preferences', values, { quiet: true, keepalive: true }),
});
