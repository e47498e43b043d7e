import { expect, test } from '@playwright/test';
import { call, datasetId, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';

const PAGES = [
  { path: '/d/demo', heading: 'Demo faces' },
  { path: '/d/demo/import', heading: 'Import' },
  { path: '/d/demo/duplicates', heading: 'Near duplicates' },
  { path: '/d/demo/images', heading: 'Images' },
  { path: '/d/demo/images/1', heading: /\.(jpg|png)$/ },
  { path: '/d/demo/faces', heading: 'Explorer' },
  { path: '/d/demo/deliveries?new=1', heading: 'Deliveries' },
  { path: '/d/demo/faces/1', heading: 'Face 1' },
  { path: '/d/demo/people', heading: 'People' },
  { path: '/d/demo/progress', heading: 'Work' },
  { path: '/d/demo/models', heading: 'Models' },
  { path: '/d/demo/models/training?new=1', heading: 'Training' },
  { path: '/d/demo/models/economy', heading: 'Economy' },
  { path: '/d/demo/models/workers', heading: 'Workers and jobs' },
  { path: '/d/loop/models', heading: 'Models' },
  { path: '/d/loop/models/training?new=1', heading: 'Training' },
  { path: '/d/loop/models/training/2', heading: 'Training run 2' },
  { path: '/d/loop/models/2', heading: 'Model m2' },
  { path: '/d/loop/models/economy', heading: 'Economy' },
  { path: '/d/demo/releases?new=1', heading: 'Releases' },
  { path: '/d/demo/policy', heading: 'Policy' },
  { path: '/d/demo/questions', heading: 'Questions' },
  { path: '/d/demo/quality', heading: 'Quality' },
  { path: '/d/demo/quality/groups', heading: 'Bias by group' },
  { path: '/d/demo/gold', heading: 'Gold' },
  { path: '/d/demo/agreement', heading: 'Agreement' },
  { path: '/d/demo/audit', heading: 'Audit' },
];

for (const scheme of ['light', 'dark'] as const) {
  test(`it shows every admin page without faults, ${scheme}`, async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ colorScheme: scheme });
    const page = await context.newPage();
    await signIn(page, loginOf('admin'));
    const faults = watchFaults(page);
    for (const { path, heading } of PAGES) {
      await test.step(path, async () => {
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
        await page.waitForLoadState('networkidle');
        await expectAccessible(page);
      });
    }
    expect(faults).toEqual([]);
    await context.close();
  });
}

test('it tells an annotator why a page is not theirs, and asks the server nothing', async ({ page }) => {
  await signIn(page, loginOf('annotator1'));
  const faults = watchFaults(page);
  await page.goto('/d/demo/people');
  await expect(page.getByText('This page is for admin only')).toBeVisible();
  await expect(page.getByText('Your role in this dataset is annotator.')).toBeVisible();
  await expect(page.getByRole('navigation').getByText('Audit')).toHaveAttribute('aria-disabled', 'true');
  expect(faults).toEqual([]);
});

test('it tells a dataset that is not there from one that is', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/no-such-dataset');
  await expect(page.getByText('There is no dataset “no-such-dataset”')).toBeVisible();
});

test('it keeps the explorer’s filter in the address', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/demo/faces');
  await page
    .getByRole('group', { name: 'Gender' })
    .getByRole('button', { name: /^Female/ })
    .click();
  await expect(page).toHaveURL(/\/d\/demo\/faces\?gender=female$/);
  const total = page.locator('strong[role=status]');
  await expect(page.getByRole('button', { name: 'Remove the filter gender: female' })).toBeVisible();
  await expect(total).toHaveAttribute('aria-busy', 'false');
  const shown = await total.textContent();
  await page.reload();
  await expect(total).toHaveText(shown ?? '');
  await page.getByRole('button', { name: 'Remove the filter gender: female' }).click();
  await expect(page).toHaveURL(/\/d\/demo\/faces$/);
  await page.goBack();
  await expect(page).toHaveURL(/gender=female/);
  await expect(total).toHaveText(shown ?? '');
});

test('it selects faces by keys alone and opens one', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/demo/faces');
  const boxes = page.getByRole('checkbox', { name: /^Select face/ });
  await expect(boxes.first()).toBeVisible();
  await boxes.first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByRole('checkbox', { name: /^Select face/, checked: true })).toHaveCount(3);
  await expect(page.getByRole('button', { name: 'Change 3 faces' })).toBeVisible();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/d\/demo\/faces\/\d+$/);
});

test('it saves a chart as SVG and as CSV', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/demo');
  const csv = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the numbers of “Progress by pass” as CSV' }).click();
  const saved = await csv;
  expect(saved.suggestedFilename()).toBe('demo-progress-by-pass.csv');
  const stream = await saved.createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  const overview = await call<{ faces: { by_state: Record<string, number> } }>(
    page,
    'GET',
    `/datasets/${await datasetId(page, 'demo')}/overview`,
  );
  expect(Buffer.concat(parts).toString()).toContain(`waiting,${overview.faces.by_state.waiting}\r\n`);
  const svg = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save “Face size, shorter side in px” as SVG' }).click();
  expect((await svg).suggestedFilename()).toBe('demo-face-size.svg');
});
