import { expect, test } from '@playwright/test';

import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { leave, makeProject, picture, ready } from './cockpitSupport';
import { makeTaughtProject } from './teachingSupport';

test('G opens the guide beside the face, it is searched by typing, and labelling goes on', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const project = await makeProject(browser, 'Guide beside', ['astronaut.png', 'scene-02.jpg'], {
    annotator4: 'annotator',
  });
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('annotator4'));
  await call(page, 'PATCH', '/me/preferences', { guide_open: false });
  await page.goto(`/d/${project.slug}/work?kind=annotate`);
  await ready(page);
  const faults = watchFaults(page);
  await page.keyboard.press('g');
  const guide = page.getByRole('region', { name: 'Labelling guide' });
  await expect(guide.getByRole('heading', { name: 'Turned faces' })).toBeAttached();
  await expect(page.locator('canvas')).toBeVisible();
  await expect(guide).toContainText('more than 30 px');
  await picture(page, 'guide');
  await expectAccessible(page);

  await page.keyboard.type('41');
  await expect(page.locator('.work aside output')).toHaveText('41');

  await guide.getByRole('searchbox').fill('hand hollow');
  await expect(guide.getByRole('heading', { level: 3 })).toHaveText(['Covered points']);
  await guide.getByRole('searchbox').fill('giraffe');
  await expect(guide).toContainText('Nothing in the guide says that');
  await page.keyboard.press('Escape');
  await expect(guide.getByRole('searchbox')).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(guide).toHaveCount(0);
  await expect(page.locator('canvas')).toBeFocused();

  await test.step('it stays open from day to day', async () => {
    await page.keyboard.press('g');
    await expect(guide).toBeVisible();
    await page.waitForLoadState('networkidle');
    await page.reload();
    await expect(guide).toBeVisible();
    await page.locator('canvas').focus();
    await page.keyboard.press('g');
    await expect(guide).toHaveCount(0);
  });
  expect(faults).toEqual([]);
  await leave(page);
});

test('an admin writes what is special to the dataset and shows pictures of it', async ({ browser }) => {
  test.setTimeout(180_000);
  const project = await makeTaughtProject(browser, 'Guide of its own', 1);
  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, loginOf('admin'));
  const { results } = await call<{ results: { face_id: number }[] }>(
    admin,
    'GET',
    `/datasets/${project.id}/tutorial/faces`,
  );
  const inTutorial = results[0]?.face_id ?? 0;
  const free = project.faces.find((id) => id !== inTutorial) ?? 0;

  await admin.goto(`/d/${project.slug}/policy?example=${inTutorial}`);
  await admin.getByRole('button', { name: 'Write a text' }).click();
  await admin.getByLabel('In this dataset').fill('## Statues\n\nStatues are **no** faces.\n\n- Flag them.');
  await expect(admin.getByRole('group', { name: 'How it will look' })).toContainText('Statues are no faces.');
  await admin.getByRole('button', { name: 'Publish the text' }).click();
  await expect(admin.getByRole('button', { name: 'Change the text' })).toBeVisible();
  await admin.getByLabel('What is right or wrong in it').fill('The jaw goes on under the hair.');
  await admin.getByRole('button', { name: 'Show in the guide' }).click();
  await expect(admin.getByText('It is in the tutorial')).toBeVisible();
  await admin.getByLabel('Face by number').fill(String(free));
  await admin.getByRole('button', { name: 'Show in the guide' }).click();
  await expect(admin.getByRole('figure')).toContainText('The jaw goes on under the hair.');
  await expectAccessible(admin);
  await picture(admin, 'guide-edit');

  await test.step('annotators read it, also while nothing waits for them', async () => {
    const page = await (await browser.newContext()).newPage();
    await signIn(page, loginOf('annotator2'));
    await call(page, 'PATCH', '/me/preferences', { guide_open: false });
    await page.goto(`/d/${project.slug}/work?kind=annotate`);
    await expect(page.getByText('Nothing waits for you in')).toBeVisible();
    await page.keyboard.press('g');
    const guide = page.getByRole('region', { name: 'Labelling guide' });
    await expect(guide).toContainText('Statues are no faces.');
    await expect(guide.getByRole('figure').first()).toContainText('The jaw goes on under the hair.');
    await expect(guide.getByRole('img', { name: 'The jaw goes on under the hair.' })).toBeVisible();
    await picture(page, 'guide-own');
    await expectAccessible(page);
    await page.keyboard.press('g');
    await page.waitForLoadState('networkidle');
    await page.context().close();
  });
  await admin.context().close();
});
