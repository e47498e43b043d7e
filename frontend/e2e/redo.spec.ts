/** An admin makes a delivery and changes many faces at once, seeing first what that would do. */

import { expect, test } from '@playwright/test';
import { call, datasetId, expectAccessible, loginOf, signIn } from './adminSupport';
import { picture } from './cockpitSupport';

interface ImageRow {
  id: number;
  face_count: number;
}

test('it counts first, changes many faces as a job, and tells how far a delivery is', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, loginOf('admin'));
  const id = await datasetId(page, 'demo');
  const name = `Batch ${Date.now()}`;

  await page.goto('/d/demo/deliveries');
  await page
    .getByRole('button', { name: /^(New delivery|Make the first delivery)$/ })
    .first()
    .click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Priority', { exact: true }).selectOption('later');
  await page.getByLabel('Due on').fill('2030-03-01');
  await page.getByRole('button', { name: 'Make the delivery' }).click();
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row.getByText('no images yet')).toBeVisible();
  const { results } = await call<{ results: { id: number }[] }>(page, 'GET', `/datasets/${id}/deliveries`);
  const delivery = results[0]?.id ?? 0;

  await page.goto('/d/demo/faces?state=waiting');
  await page.getByRole('button', { name: 'Change all that fit' }).click();
  const panel = page.getByRole('form', { name: 'Change many faces' });
  await expect(panel.getByText(/left alone: still in work/)).toBeVisible();
  await expect(panel.getByRole('button', { name: 'Leave them as they are' })).toBeVisible();
  await panel.getByRole('button', { name: 'Priority' }).click();
  await expect(panel.getByText('would get this priority')).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'redo');
  await panel.getByRole('button', { name: 'Leave them as they are' }).click();

  const images = await call<{ results: ImageRow[] }>(page, 'GET', `/datasets/${id}/images?limit=200`);
  const image = images.results.find((one) => one.face_count === 1)?.id ?? images.results[0]?.id ?? 0;
  await page.goto(`/d/demo/faces?image=${image}`);
  await page.getByRole('button', { name: 'Change all that fit' }).click();
  await panel.getByRole('button', { name: 'Deliver' }).click();
  await panel.getByLabel('Delivery').selectOption(String(delivery));
  await expect(panel.getByText('1 image', { exact: true })).toBeVisible();
  await panel.getByRole('button', { name: 'Deliver 1 image' }).click();
  await expect(panel.getByText('1 image added to the delivery')).toBeVisible({ timeout: 60_000 });
  await expect(panel.getByText(/^done/)).toBeVisible({ timeout: 30_000 });

  await page.goto('/d/demo/deliveries');
  await expect(row.getByText(/ of \d+ faces?/)).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'deliveries');
  await row.getByRole('button', { name: 'Close' }).click();
  await expect(row.getByText('Closed')).toBeVisible();
  await expect(page.getByText(/given the delivery's priority/)).toBeVisible({ timeout: 60_000 });
});
