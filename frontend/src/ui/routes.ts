import { adminRoutes } from './admin/routes';
import type { RouteDefinition } from './router.svelte';

/** Every page of the application; the first pattern that fits wins. */
export const routes: readonly RouteDefinition[] = [
  { pattern: '/', title: 'Datasets', load: () => import('./home/HomePage.svelte') },
  { pattern: '/account', title: 'Account', load: () => import('./home/AccountPage.svelte') },
  { pattern: '/d/:slug/mine', title: 'My work', load: () => import('./home/MyWorkPage.svelte') },
  {
    pattern: '/d/:slug/work',
    title: 'Labelling',
    load: () => import('./labelling/WorkPage.svelte'),
    labelling: true,
  },
  ...adminRoutes,
];
