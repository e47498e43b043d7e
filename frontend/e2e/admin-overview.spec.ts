import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { ALL_SHOWN, call, datasetId, expectAccessible, loginOf, signIn } from './adminSupport';

interface Labels {
  box: [number, number, number, number];
  landmarks: ([number, number] | null)[] | null;
  gender: string | null;
}
interface Face {
  id: number;
  base_revision: number;
  labels: Labels;
}
interface Item {
  id: number;
  kind: string;
  lease: { token: string };
  /** null: a sweep. */
  face: Face | null;
}
interface Overview {
  images: { total: number; prelabelled: number };
  faces: { total: number; by_state: Record<string, number> };
}

const ETHNICITIES = ['asian', 'black', 'white', 'unsure'];

/** Copies the demo's photographs into a new dataset; waits until each has its pre-labels. */
async function datasetWithPhotographs(admin: Page): Promise<{ id: number; slug: string }> {
  const made = await call<{ id: number; slug: string }>(admin, 'POST', '/datasets', {
    name: 'Portraits 2026',
    slug: `portraits-${Date.now()}`,
    policy: ALL_SHOWN,
  });
  await admin.reload();
  const demo = await datasetId(admin, 'demo');
  const { results } = await call<{ results: { id: number; name: string }[] }>(
    admin,
    'GET',
    `/datasets/${demo}/images?limit=60`,
  );
  const files = [];
  for (const { id, name } of results) {
    const answer = await admin.request.get(`/api/v1/images/${id}/file?side=2048`);
    files.push({ name, mimeType: 'image/jpeg', buffer: await answer.body() });
  }
  await admin.goto(`/d/${made.slug}/import`);
  await admin.locator('input[type=file][multiple]').setInputFiles(files);
  await admin.getByRole('button', { name: `Import ${files.length} files` }).click();
  await expect(async () => {
    const { images } = await call<Overview>(admin, 'GET', `/datasets/${made.id}/overview`);
    expect(images.total).toBeGreaterThan(0);
    expect(images.prelabelled).toBe(images.total);
  }).toPass({ timeout: 120_000 });
  return made;
}

/** What a careful person would save: the mouth a little lower than the model put it, and an age of their own. */
function answered(item: Item & { face: Face }, years: number): object {
  const { labels } = item.face;
  const scale = Math.sqrt((labels.box[2] - labels.box[0]) * (labels.box[3] - labels.box[1]));
  const moved = labels.landmarks?.map((point, index) =>
    point && index >= 48 && item.kind === 'annotate' ? [point[0], point[1] + 0.012 * scale] : point,
  );
  return {
    ...labels,
    landmarks: moved ?? null,
    ...(moved ? {} : { flags: ['profile'] }),
    age: 18 + ((item.face.id * 13) % 47) + years,
    gender: labels.gender ?? 'female',
    ethnicity: ETHNICITIES[item.face.id % ETHNICITIES.length],
  };
}

function answer(item: Item, years: number): object {
  const common = { submission_id: randomUUID(), token: item.lease.token };
  const { face } = item;
  if (!face) return { ...common, added: [], rejected: [], verdict: null, active_ms: 5000 };
  const disputes = item.kind === 'check' && face.id % 9 === 0;
  return {
    ...common,
    base_revision: face.base_revision,
    verdict: item.kind === 'annotate' ? 'save' : disputes ? 'dispute' : 'accept',
    labels: answered({ ...item, face }, years),
    active_ms: 12_000 + ((face.id * 997) % 20_000),
    ...(disputes ? { comment: 'The chin is off.' } : {}),
  };
}

/** Takes what the queue hands out, one item at a time, and answers it; returns how many. */
async function work(
  page: Page,
  dataset: number,
  kinds: string[],
  most: number,
  years: number,
): Promise<number> {
  for (let done = 0; done < most; done += 1) {
    const claim = { count: 1, kinds, have: [] };
    const { items } = await call<{ items: Item[] }>(page, 'POST', `/datasets/${dataset}/work/claim`, claim);
    const item = items[0];
    if (!item) return done;
    await call(page, 'POST', `/work/${item.id}/submit`, answer(item, years));
  }
  return most;
}

test('it counts what three people did', async ({ browser }) => {
  test.setTimeout(300_000);
  const contexts: BrowserContext[] = [];
  const open = async (login: { username: string; password: string }): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: 1152, height: 720 },
      colorScheme: 'light',
    });
    contexts.push(context);
    const page = await context.newPage();
    await signIn(page, login);
    return page;
  };
  const admin = await open(loginOf('admin'));
  const dataset = await datasetWithPhotographs(admin);
  const names = ['annotator1', 'annotator2', 'annotator3'];
  for (const username of names) {
    await call(admin, 'POST', `/datasets/${dataset.id}/people`, { username, role: 'annotator' });
  }
  const people = await Promise.all(names.map((username) => open(loginOf(username))));
  let passes = 0;
  for (const portion of [8, 6, 4, 4]) {
    for (const [index, person] of people.entries()) {
      passes += await work(person, dataset.id, ['annotate', 'check'], portion, 2 * index);
    }
  }
  for (const person of people) passes += await work(person, dataset.id, ['sweep'], 4, 0);

  const { faces } = await call<Overview>(admin, 'GET', `/datasets/${dataset.id}/overview`);
  expect(faces.by_state.accepted).toBeGreaterThan(0);
  await admin.goto(`/d/${dataset.slug}`);
  await expect(admin.getByRole('link', { name: `Faces: ${faces.total}, show the list` })).toBeVisible();
  await admin.waitForLoadState('networkidle');
  await expectAccessible(admin);
  const folder = process.env.E2E_SCREENSHOTS;
  if (folder) await admin.screenshot({ path: `${folder}/overview.png`, fullPage: true });

  await admin.getByRole('link', { name: `Accepted: ${faces.by_state.accepted}, show the list` }).click();
  await expect(admin).toHaveURL(/state=accepted$/);
  await expect(admin.locator('strong[role=status]')).toHaveText(`${faces.by_state.accepted} faces`);
  const pictures = admin.getByRole('listitem').getByRole('img');
  await expect
    .poll(() =>
      pictures.evaluateAll((all) => all.filter((one) => (one as HTMLImageElement).naturalWidth > 0).length),
    )
    .toBeGreaterThan(Math.min(11, (faces.by_state.accepted ?? 0) - 1));
  if (folder) await admin.screenshot({ path: `${folder}/explorer.png` });

  await admin.goto(`/d/${dataset.slug}/progress`);
  const rows = admin.getByRole('table', { name: 'Counted passes of each person' }).locator('tbody tr');
  await expect(rows.filter({ hasText: /annotator/i })).toHaveCount(3);
  const counted = await rows.locator('td:last-child').allTextContents();
  expect(counted.reduce((sum, text) => sum + Number(text), 0)).toBe(passes);
  for (const context of contexts) await context.close();
});
