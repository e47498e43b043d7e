import { t } from '../i18n';
import { adminRoutes } from './admin/routes';
import type { RouteDefinition } from './router.svelte';

/** Every page of the application; the first pattern that fits wins. */
export const routes: readonly RouteDefinition[] = [
  { pattern: '/', title: () => t('home.datasets'), load: () => import('./home/HomePage.svelte') },
  { pattern: '/account', title: () => t('home.account'), load: () => import('./home/AccountPage.svelte') },
  { pattern: '/d/:slug/mine', title: () => t('home.myWork'), load: () => import('./home/MyWorkPage.svelte') },
  {
    pattern: '/d/:slug/work',
    title: () => t('home.labelling'),
    load: () => import('./labelling/WorkPage.svelte'),
    labelling: true,
  },
  {
    pattern: '/d/:slug/tutorial',
    title: 'Tutorial',
    load: () => import('./tutorial/TutorialPage.svelte'),
    labelling: true,
  },
  ...adminRoutes,
];
