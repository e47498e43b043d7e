import type { Role } from '../../api/types';
import type { RouteDefinition } from '../router.svelte';

/** Pages of a dataset for those who run it. */
export const adminRoutes: readonly RouteDefinition[] = [
  { pattern: '/d/:slug', title: 'Overview', load: () => import('./overview/OverviewPage.svelte') },
  { pattern: '/d/:slug/import', title: 'Import', load: () => import('./imports/ImportPage.svelte') },
  {
    pattern: '/d/:slug/duplicates',
    title: 'Near duplicates',
    load: () => import('./imports/DuplicatesPage.svelte'),
  },
  { pattern: '/d/:slug/images', title: 'Images', load: () => import('./images/ImagesPage.svelte') },
  { pattern: '/d/:slug/images/:id', title: 'Image', load: () => import('./images/ImagePage.svelte') },
  { pattern: '/d/:slug/faces', title: 'Explorer', load: () => import('./explorer/ExplorerPage.svelte') },
  {
    pattern: '/d/:slug/deliveries',
    title: 'Deliveries',
    load: () => import('./deliveries/DeliveriesPage.svelte'),
  },
  { pattern: '/d/:slug/faces/:id', title: 'Face', load: () => import('./face/FacePage.svelte') },
  { pattern: '/d/:slug/people', title: 'People', load: () => import('./people/PeoplePage.svelte') },
  { pattern: '/d/:slug/quality', title: 'Quality', load: () => import('./quality/QualityPage.svelte') },
  {
    pattern: '/d/:slug/quality/groups',
    title: 'Bias by group',
    load: () => import('./quality/GroupsPage.svelte'),
  },
  { pattern: '/d/:slug/quality/:id', title: 'Person', load: () => import('./quality/PersonPage.svelte') },
  {
    pattern: '/d/:slug/agreement',
    title: 'Agreement',
    load: () => import('./agreement/AgreementPage.svelte'),
  },
  { pattern: '/d/:slug/gold', title: 'Gold', load: () => import('./gold/GoldPage.svelte') },
  { pattern: '/d/:slug/progress', title: 'Work', load: () => import('./progress/ProgressPage.svelte') },
  { pattern: '/d/:slug/models', title: 'Models', load: () => import('./models/ModelsPage.svelte') },
  {
    pattern: '/d/:slug/models/training',
    title: 'Training',
    load: () => import('./training/TrainingPage.svelte'),
  },
  {
    pattern: '/d/:slug/models/training/:id',
    title: 'Training run',
    load: () => import('./training/RunPage.svelte'),
  },
  {
    pattern: '/d/:slug/models/economy',
    title: 'Economy',
    load: () => import('./economy/EconomyPage.svelte'),
  },
  {
    pattern: '/d/:slug/models/workers',
    title: 'Workers and jobs',
    load: () => import('./workers/WorkersPage.svelte'),
  },
  { pattern: '/d/:slug/models/:id', title: 'Model', load: () => import('./models/ModelPage.svelte') },
  { pattern: '/d/:slug/releases', title: 'Releases', load: () => import('./releases/ReleasesPage.svelte') },
  { pattern: '/d/:slug/policy', title: 'Policy', load: () => import('./policy/PolicyPage.svelte') },
  {
    pattern: '/d/:slug/questions',
    title: 'Questions',
    load: () => import('./questions/QuestionsPage.svelte'),
  },
  { pattern: '/d/:slug/audit', title: 'Audit', load: () => import('./audit/AuditPage.svelte') },
];

export interface DatasetTab {
  label: string;
  /** '/d/:slug/images' */
  pattern: string;
  /** Pages that are reached from this one and have no tab of their own. */
  also?: readonly string[];
  /** Who sees the tab; everybody else gets it disabled with the reason. */
  roles: readonly Role[];
}

/** Who may open which page; the server decides again on every call. */
export const ADMINS: readonly Role[] = ['admin'];
export const READERS: readonly Role[] = ['admin', 'adjudicator', 'researcher'];
/** Who decides disputes, and answers questions. */
export const DECIDERS: readonly Role[] = ['admin', 'adjudicator'];
/** A network remembers something of the faces that it learnt from. */
export const MODEL_READERS: readonly Role[] = ['admin', 'researcher'];
export const LABELLING_READERS: readonly Role[] = [...READERS, 'annotator'];

/** The tabs in the top bar of a dataset's pages, in order. */
export const datasetTabs: readonly DatasetTab[] = [
  { label: 'Overview', pattern: '/d/:slug', roles: READERS },
  {
    label: 'Images',
    pattern: '/d/:slug/images',
    also: ['/d/:slug/import', '/d/:slug/duplicates'],
    roles: READERS,
  },
  { label: 'Explorer', pattern: '/d/:slug/faces', also: ['/d/:slug/deliveries'], roles: READERS },
  { label: 'Work', pattern: '/d/:slug/progress', roles: READERS },
  {
    label: 'Quality',
    pattern: '/d/:slug/quality',
    also: ['/d/:slug/gold', '/d/:slug/agreement'],
    roles: ADMINS,
  },
  { label: 'Models', pattern: '/d/:slug/models', roles: MODEL_READERS },
  { label: 'Releases', pattern: '/d/:slug/releases', roles: READERS },
  { label: 'Policy', pattern: '/d/:slug/policy', roles: LABELLING_READERS },
  { label: 'People', pattern: '/d/:slug/people', roles: ADMINS },
  { label: 'Questions', pattern: '/d/:slug/questions', roles: DECIDERS },
  { label: 'Audit', pattern: '/d/:slug/audit', roles: ADMINS },
];
