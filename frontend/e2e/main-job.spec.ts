import { expect, test, type Browser, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { ALL_SHOWN, call, datasetId, loginOf, signIn } from './adminSupport';

// The product in one test: one person labels a real face, two others check it, the admin downloads it.
test.describe.configure({ mode: 'serial' });

interface Annotation {
  bbox: [number, number, number, number];
  keypoints: number[];
  num_keypoints: number;
  iscrowd: number;
  jfa: { age_mean: number; age_n: number; gender: string; ethnicity: string };
}

const AGES = { annotator1: '31', annotator2: '34', annotator3: '37' };
let admin: Page;
let dataset: { id: number; slug: string };

async function workPage(browser: Browser, username: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf(username));
  await page.goto(`/d/${dataset.slug}/work`);
  return page;
}

/** Sweeps the image if that is what this person was handed first. */
async function sweepFirst(page: Page): Promise<void> {
  await expect(page.getByText(/^(Annotate|Check|Sweep)/).first()).toBeVisible();
  if (
    await page
      .getByText(/^Sweep/)
      .first()
      .isVisible()
  ) {
    await page.getByRole('button', { name: /^Save and next/ }).click();
    await expect(page.getByText(/^(Annotate|Check)/).first()).toBeVisible();
  }
}

async function saved(page: Page, button: RegExp): Promise<void> {
  const answer = page.waitForResponse((one) => one.url().endsWith('/submit'));
  await page.getByRole('button', { name: button }).click();
  expect((await answer).status()).toBe(200);
}

test.beforeAll(async ({ browser }) => {
  admin = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await signIn(admin, loginOf('admin'));
  dataset = await call(admin, 'POST', '/datasets', {
    name: `Main job ${Date.now()}`,
    policy: ALL_SHOWN,
  });
  for (const username of Object.keys(AGES)) {
    await call(admin, 'POST', `/datasets/${dataset.id}/people`, { username, role: 'annotator' });
  }
});

test('a real photograph goes in and is pre-labelled', async () => {
  test.setTimeout(120_000);
  const demo = await call<{ results: { id: number }[] }>(
    admin,
    'GET',
    `/datasets/${await datasetId(admin, 'demo')}/images?q=astronaut.png`,
  );
  const picture = await admin.request.get(`/api/v1/images/${demo.results[0]?.id}/file?side=1024`);
  await admin.goto(`/d/${dataset.slug}/import`);
  await admin
    .locator('input[type=file][multiple]')
    .setInputFiles([{ name: 'portrait.jpg', mimeType: 'image/jpeg', buffer: await picture.body() }]);
  await admin.getByLabel('Licence').fill('public domain');
  await admin.getByRole('button', { name: 'Import 1 file' }).click();
  await expect(async () => {
    const overview = await call<{ faces: { total: number } }>(
      admin,
      'GET',
      `/datasets/${dataset.id}/overview`,
    );
    expect(overview.faces.total).toBe(1);
  }).toPass({ timeout: 90_000 });
});

test('one person corrects a point, gives age and attributes, and saves', async ({ browser }) => {
  const page = await workPage(browser, 'annotator1');
  await sweepFirst(page);
  await expect(page.getByText('Annotate · pass 1 of 3')).toBeVisible();
  const canvas = page.locator('canvas').first();
  await canvas.focus();
  await page.keyboard.type(AGES.annotator1);
  const female = page.getByRole('button', { name: /^Female/ });
  if ((await female.getAttribute('aria-pressed')) !== 'true') await page.keyboard.press('w');
  await expect(female).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: /^White/ }).click();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByRole('button', { name: /^Undo/ })).toBeEnabled();
  await saved(page, /^Save and next/);
  await page.context().close();
});

for (const username of ['annotator2', 'annotator3'] as const) {
  test(`${username} checks it without seeing another age, and accepts`, async ({ browser }) => {
    const page = await workPage(browser, username);
    await sweepFirst(page);
    await expect(page.getByText(/^Check · pass/)).toBeVisible();
    await expect(page.getByRole('status', { name: 'Apparent age' })).toHaveText('––');
    await expect(page.getByText('Changed since the pre-label')).toBeVisible();
    await page.locator('canvas').first().focus();
    await page.keyboard.type(AGES[username]);
    await saved(page, /^Accept and next/);
    await page.context().close();
  });
}

test('the admin finds it in the release', async () => {
  test.setTimeout(120_000);
  await admin.goto(`/d/${dataset.slug}/releases`);
  await admin
    .getByRole('button', { name: /^Make (a|the first) release/ })
    .first()
    .click();
  const make = admin.getByRole('button', { name: /^(Make|Freeze)/ }).last();
  await make.click();
  await expect(admin.getByRole('link', { name: /COCO/ })).toBeVisible({ timeout: 90_000 });
  const [coco] = await Promise.all([
    admin.waitForEvent('download'),
    admin.getByRole('link', { name: /COCO/ }).first().click(),
  ]);
  const { annotations } = JSON.parse(readFileSync(await coco.path(), 'utf8')) as {
    annotations: Annotation[];
  };
  const accepted = annotations.filter((one) => one.iscrowd === 0);
  expect(accepted).toHaveLength(1);
  const [face] = accepted;
  expect(face?.num_keypoints).toBe(68);
  expect(face?.jfa.age_mean).toBeCloseTo(34, 6);
  expect(face?.jfa.age_n).toBe(3);
  expect(face?.jfa.gender).toBe('female');
  expect(face?.jfa.ethnicity).toBe('white');

  const [zip] = await Promise.all([
    admin.waitForEvent('download'),
    admin
      .getByRole('link', { name: /native|zip/i })
      .first()
      .click(),
  ]);
  const listing = readFileSync(await zip.path()).toString('latin1');
  for (const name of ['labels.parquet', 'manifest.json', 'images/']) expect(listing).toContain(name);
});
