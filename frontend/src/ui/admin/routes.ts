import type { Role } from '../../api/types';
import type { RouteDefinition } from '../router.svelte';

/** Pages of a dataset for those who run it. */
export const adminRoutes: readonly RouteDefinition[] = [];

export interface DatasetTab {
  label: string;
  /** '/d/:slug/images' */
  pattern: string;
  /** Who sees the tab; everybody else gets it disabled with the reason. */
  roles: readonly Role[];
}

/** The tabs in the top bar of a dataset's pages, in order. */
export const datasetTabs: readonly DatasetTab[] = [];
