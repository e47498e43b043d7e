import { expect, test } from '@playwright/test';
import { expectAccessible, watchFaults } from './adminSupport';
import {
  expectSaved,
  fillIn,
  leave,
  makeProject,
  openWork,
  selectedPoint,
  type Project,
} from './cockpitSupport';

let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  const people = { annotator3: 'annotator' } as const;
  const everyFace = { test_share: 0, blind_share: 1 };
  project = await makeProject(browser, 'Blind faces', ['astronaut.png'], people, everyFace);
});

test('it labels a blind face from the template, and not before a point was placed', async ({ browser }) => {
  const page = await openWork(browser, 'annotator3', project, 'annotate');
  const faults = watchFaults(page);
  await expect(page.getByText('Blind: no suggestion is shown')).toBeVisible();
  await expect(page.getByText('68 of 68')).toBeVisible();
  await expectAccessible(page);
  await fillIn(page, '38');
  await page.keyboard.press('Enter');
  await expect(
    page.getByRole('alert').filter({ hasText: 'place them on the face, remove them' }),
  ).toBeVisible();

  await page.keyboard.press('Tab');
  const before = await selectedPoint(page);
  await page.keyboard.press('ArrowDown');
  expect((await selectedPoint(page)).y).toBeGreaterThan(before.y);
  await expect(page.getByText('The points come from a template')).toBeHidden();
  await page.keyboard.press('Enter');
  await expectSaved(page);
  await expect(page.getByText('Nothing waits for you in Blind faces')).toBeVisible();
  expect(faults).toEqual([]);
  await leave(page);
});
