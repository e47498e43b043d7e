import { expect, test, type Download, type Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';

// The datasets “loop” and “team” that the browser tests' server was given (tests/browser/seed_*.py).

async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), press()] as [
    Promise<Download>,
    Promise<void>,
  ]);
  return readFileSync(await file.path(), 'utf8');
}

test.beforeEach(async ({ page }) => {
  await signIn(page, loginOf('admin'));
});

test('it shows each plot as a picture, a table and files of the same numbers', async ({ page }) => {
  const faults = watchFaults(page);
  await page.goto('/d/loop');
  const age = page.getByRole('region', { name: 'Apparent age, years', exact: true });
  await expect(age.getByRole('group', { name: /^Apparent age: 240 faces in 20 bins/ })).toBeVisible();
  const csv = await saved(page, () => age.getByRole('button', { name: /as CSV/ }).click());
  await age.getByRole('button', { name: /as a table/ }).click();
  const rows = age.locator('tbody tr');
  const shown = csv.trim().split('\r\n').slice(1);
  await expect(rows.first().locator('td')).toHaveText(shown[0]?.split(',') ?? []);
  await expectAccessible(page);

  const svg = await saved(page, () => age.getByRole('button', { name: /as SVG/ }).click());
  expect(svg).toContain('<title>Apparent age, years</title>');
  expect(svg).not.toContain('var(--');
  // It stands alone: a browser draws it as a picture, without any page around it.
  const size = await page.evaluate(async (text) => {
    const picture = new Image();
    picture.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await picture.decode();
    return [picture.naturalWidth, picture.naturalHeight];
  }, svg);
  expect(size[0]).toBeGreaterThan(600);
  expect(faults).toEqual([]);
});

test('it leads from a bar to the faces behind it, by keyboard, without loading the page anew', async ({
  page,
}) => {
  await page.goto('/d/loop');
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  const bar = page.getByRole('region', { name: 'Gender', exact: true }).getByRole('link').first();
  const name = (await bar.getAttribute('aria-label')) ?? '';
  await bar.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/d\/loop\/faces\?gender=/);
  await expect(page.locator('strong[role=status]')).toHaveText(/^\d+ faces$/);
  expect(name).toContain(await page.locator('strong[role=status]').innerText());
  expect(await page.evaluate(() => 'stayed' in window)).toBe(true);
});

test('it keeps only the faces in view in the page, and all of them under the keys', async ({ page }) => {
  await page.goto('/d/loop/faces');
  const more = page.getByRole('button', { name: 'Load more' });
  for (const shown of [60, 120, 180]) {
    await expect(page.getByText(`${shown} of 240 faces shown`)).toBeVisible();
    await more.click();
  }
  await expect(page.getByText('240 of 240 faces shown')).toBeVisible();
  expect(await page.getByRole('listitem').count()).toBeLessThan(120);
  await page.getByRole('listitem').first().getByRole('checkbox').focus();
  await page.keyboard.press('End');
  await expect(page.locator('[aria-posinset="240"] input')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(page.locator('[aria-posinset="1"] input')).toBeFocused();
  await page.keyboard.press('Control+a');
  await expect(page.getByRole('button', { name: 'Change 240 faces' })).toBeVisible();
  await expectAccessible(page);
});

test('it says when people’s figures were counted, and counts them again when told to', async ({ page }) => {
  await page.goto('/d/team/quality');
  await expect(page.getByText(/^As of /)).toBeVisible({ timeout: 30_000 });
  const { results } = await call<{ results: { id: number; slug: string }[] }>(page, 'GET', '/datasets');
  const id = results.find((one) => one.slug === 'team')?.id ?? 0;
  const asOf = async (): Promise<string> =>
    (await call<{ as_of: string }>(page, 'GET', `/datasets/${id}/quality`)).as_of;
  const before = await asOf();
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect.poll(asOf, { timeout: 30_000 }).not.toBe(before);
  await expect(page.getByText(/counting again/)).toHaveCount(0);
});

test('it goes on with an upload after a cut, and after the page was closed', async ({ page }, testInfo) => {
  test.setTimeout(120_000);
  const made = await call<{ slug: string }>(page, 'POST', '/datasets', {
    name: 'In portions',
    slug: `portions-${Date.now()}`,
  });
  await page.reload();
  // On the disk: their times of change tell that the same files were chosen again.
  const files = Array.from({ length: 120 }, (_, index) => testInfo.outputPath(`note ${index}.txt`));
  files.forEach((path, index) => writeFileSync(path, `no photograph ${index}`));
  const choose = async (): Promise<void> => {
    await page.goto(`/d/${made.slug}/import`);
    await page.locator('input[type=file][multiple]').first().setInputFiles(files);
  };
  const sent: string[] = [];
  page.on('requestfinished', (request) => {
    const portion = /portions\/(\d+)$/.exec(request.url())?.[1];
    if (portion) sent.push(portion);
  });
  await page.route('**/portions/1', (route) => route.abort('connectionfailed'));
  await choose();
  await page.getByRole('button', { name: 'Import 120 files' }).click();
  await expect(page.getByText(/The server cannot be reached\. .* are safe there/)).toBeVisible();
  expect(sent).toEqual(['0']);

  await page.unroute('**/portions/1');
  await choose();
  await expect(page.getByText(/came with an upload that was cut off/)).toBeVisible();
  await page.getByRole('button', { name: 'Import 120 files' }).click();
  const report = page.getByRole('region', { name: /^Import \d+$/ });
  await expect(report.getByRole('button', { name: 'Refused 120' })).toBeVisible({ timeout: 60_000 });
  expect(sent).toEqual(['0', '1', '2']);
  await expectAccessible(page);
});
