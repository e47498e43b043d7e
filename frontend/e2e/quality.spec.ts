import { expect, test } from '@playwright/test';
import { expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { picture } from './cockpitSupport';

// The dataset “team” that the browser tests' server was given (tests/browser/seed_team.py): six people with known
// faults have answered the same gold.

test('it shows who is paused, why, and where a person’s points lie', async ({ page }) => {
  const faults = watchFaults(page);
  await signIn(page, loginOf('admin'));
  await page.goto('/d/team/quality');
  const table = page.getByRole('table', { name: 'People with their errors on gold' });
  await expect(table.getByRole('row', { name: /Elif/ })).toContainText('Paused');
  await expect(table.getByRole('row', { name: /Finn/ })).toContainText('Paused');
  for (const name of ['Aya', 'Ben', 'Cleo', 'Dov']) {
    await expect(table.getByRole('row', { name: new RegExp(name) })).toContainText('Fine');
  }
  await expectAccessible(page);
  await picture(page, 'quality');

  await table.getByRole('link', { name: 'Dov' }).click();
  await expect(page.getByRole('heading', { name: 'Where their points lie' })).toBeVisible();
  await expect(
    page.getByRole('group', {
      name: /^Where the points of each region lie on average: jaw: 4\.\d % right, [23]\.\d % low/,
    }),
  ).toBeVisible();
  await expect(
    page.getByText(/They are told: Your jaw points lie 3 % too low and 4 % too far right/),
  ).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'person-quality');
  expect(faults).toEqual([]);
});

test('it lifts a pause with a note', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/team/quality');
  await page.getByRole('link', { name: 'Finn' }).click();
  await expect(page.getByText(/They read: “Your work differs too often/)).toBeVisible();
  await page.getByRole('button', { name: 'Let them work again' }).click();
  await page.getByLabel('Reason').fill('We looked at ten faces together.');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('it makes gold of a face, shows how gold fares, and takes it out of use', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/team/gold');
  const table = page.getByRole('table', { name: 'Gold faces and how people fare with them' });
  await expect(table.locator('tbody tr')).toHaveCount(50);
  const first = table.locator('tbody tr').first();
  await expect(first).toContainText('Find it: it is left out of its image');
  const face = (await first.getByRole('link').innerText()).trim();
  await picture(page, 'gold');

  await page.goto(`/d/team/gold?faces=${face}`);
  const form = page.getByRole('form', { name: 'Make gold' });
  await form.getByRole('button', { name: 'Check' }).click();
  await form.getByRole('button', { name: 'ethnicity' }).click();
  await form.getByRole('button', { name: 'Make 1 face gold' }).click();
  await expect(form.getByText('1 face is gold now.')).toBeVisible();
  await expect(first).toContainText('Check it with a wrong ethnicity');
  await first.getByRole('button', { name: /Take out of use/ }).click();
  await expect(first.getByRole('button', { name: /Use again/ })).toBeVisible();
  await expectAccessible(page);
});

test('it compares people by group and marks what is beyond chance', async ({ page }) => {
  await signIn(page, loginOf('admin'));
  await page.goto('/d/team/quality/groups?source=gold');
  const table = page.getByRole('table', { name: 'Mean error of each person in each group' });
  await expect(table.getByRole('row', { name: /Cleo/ })).toContainText('+');
  await page.getByRole('button', { name: 'landmarks, % of the box side' }).click();
  await expect(page).toHaveURL(/measure=landmarks/);
  await expectAccessible(page);
  await picture(page, 'group-bias');
});
