import { expect, type Browser, type Page } from '@playwright/test';
import { ALL_SHOWN, call, loginOf, signIn } from './adminSupport';

export interface Project {
  id: number;
  slug: string;
}

interface ImageRow {
  id: number;
  name: string;
}

/**
 * A dataset of its own with copies of these demo photographs, pre-labelled, and these members. Tests that label do not
 * take each other's faces.
 */
export async function makeProject(
  browser: Browser,
  title: string,
  photographs: readonly string[],
  people: Readonly<Record<string, 'annotator' | 'adjudicator'>>,
  policy: Readonly<Record<string, unknown>> = ALL_SHOWN,
): Promise<Project> {
  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, loginOf('admin'));
  const project = await call<Project>(admin, 'POST', '/datasets', {
    name: title,
    slug: `${title.toLowerCase().replaceAll(' ', '-')}-${Date.now()}`,
    policy,
  });
  for (const [username, role] of Object.entries(people)) {
    await call(admin, 'POST', `/datasets/${project.id}/people`, { username, role });
  }
  await admin.goto(`/d/${project.slug}/import`);
  const files = [];
  for (const name of photographs) {
    let id = 0;
    await expect(async () => {
      // the demo is still being drawn when the server first answers
      const found = await call<{ results: ImageRow[] }>(admin, 'GET', `/datasets/1/images?q=${name}`);
      id = found.results[0]?.id ?? 0;
      expect(id).toBeGreaterThan(0);
    }).toPass({ timeout: 120_000 });
    const bytes = await admin.request.get(`/api/v1/images/${id}/file?side=1024`);
    files.push({ name: name.replace(/\.png$/, '.jpg'), mimeType: 'image/jpeg', buffer: await bytes.body() });
  }
  await admin.locator('input[type=file][multiple]').setInputFiles(files);
  await admin.getByLabel('Licence').fill('public domain');
  await admin.getByRole('button', { name: /^Import \d+ file/ }).click();
  await expect(async () => {
    const overview = await call<{ images: { total: number; prelabelled: number } }>(
      admin,
      'GET',
      `/datasets/${project.id}/overview`,
    );
    expect(overview.images).toMatchObject({ total: files.length, prelabelled: files.length });
  }).toPass({ timeout: 120_000 });
  await admin.context().close();
  return project;
}

/** The labelling page of this person, showing an item of this kind with its photograph. */
export async function openWork(
  browser: Browser,
  username: string,
  project: Project,
  kind: string,
): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf(username));
  await page.goto(`/d/${project.slug}/work?kind=${kind}`);
  await ready(page);
  return page;
}

export async function ready(page: Page): Promise<void> {
  await expect(page.locator('canvas[data-picture=shown]')).toBeVisible();
  await page.locator('canvas').focus();
}

export interface View {
  centre: { x: number; y: number };
  scale: number;
  roll: number;
  width: number;
  height: number;
}

export async function viewOf(page: Page): Promise<View> {
  return JSON.parse((await page.locator('canvas').getAttribute('data-view')) ?? '{}') as View;
}

/** Where a point of the image lies in the browser window. */
export async function onScreen(page: Page, x: number, y: number): Promise<{ x: number; y: number }> {
  const view = await viewOf(page);
  const canvas = await page.locator('canvas').boundingBox();
  const [dx, dy] = [x - view.centre.x, y - view.centre.y];
  const [cos, sin] = [Math.cos(view.roll), Math.sin(view.roll)];
  return {
    x: (canvas?.x ?? 0) + view.width / 2 + view.scale * (cos * dx + sin * dy),
    y: (canvas?.y ?? 0) + view.height / 2 + view.scale * (cos * dy - sin * dx),
  };
}

/** The selected point as the page describes it to a screen reader. */
export async function selectedPoint(
  page: Page,
): Promise<{ index: number; x: number; y: number; state: string; pinned: boolean }> {
  const text = (await page.locator('#stage-selection').textContent()) ?? '';
  const found = /^Point (\d+), .*: (-?[\d.]+), (-?[\d.]+), (\w+)(, pinned)?(, uncertain)?$/.exec(text);
  if (!found) throw new Error(`No point is selected: ${text}`);
  return {
    index: Number(found[1]),
    x: Number(found[2]),
    y: Number(found[3]),
    state: found[4] ?? '',
    pinned: found[5] !== undefined,
  };
}

export async function expectSaved(page: Page): Promise<void> {
  await expect(page.locator('[data-save=Saved]')).toBeVisible();
}

/** Everything that a face of the default policy needs, by keys. */
export async function fillIn(page: Page, age: string): Promise<void> {
  await page.locator('canvas').focus();
  await page.keyboard.type(age);
  await page.keyboard.press('w');
  await page.keyboard.press('3');
}

/** Leave the labelling page as a person does, so that untouched faces go back to the others; then close the browser. */
export async function leave(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'JFA Studio' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await page.context().close();
}

/** A picture for the README, when `make screenshots` asks for them. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.E2E_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
