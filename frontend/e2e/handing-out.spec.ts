import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, loginOf, signIn } from './adminSupport';
import {
  expectSaved,
  fillIn,
  leave,
  makeProject,
  openWork,
  picture,
  ready,
  type Project,
} from './cockpitSupport';

// A goal for the day, going back to the last face, and work shared evenly.
test.describe.configure({ mode: 'serial' });

let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Shared', ['astronaut.png', 'astronaut-mirrored.jpg'], {
    annotator1: 'annotator',
    annotator2: 'annotator',
  });
});

const faceOf = async (page: Page): Promise<number> =>
  Number(/Face (\d+)/.exec((await page.locator('canvas').getAttribute('aria-label')) ?? '')?.[1]);

async function save(page: Page): Promise<void> {
  const answer = page.waitForResponse((one) => one.url().endsWith('/submit'));
  await page.keyboard.press('Enter');
  expect((await answer).status()).toBe(200);
  await expectSaved(page);
}

test('an admin sets a goal for the day', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('admin'));
  await page.goto(`/d/${project.slug}/people`);
  const goal = page.getByLabel('Goal a day of annotator1');
  await goal.fill('3');
  await goal.press('Tab');
  await expect(page.getByLabel('Goal a day of annotator1')).toHaveValue('3');
  await page.reload();
  await expect(page.getByLabel('Goal a day of annotator1')).toHaveValue('3');
  await picture(page, 'people-goals');
  await expectAccessible(page);
  await page.context().close();
});

test('a person goes back to the face they submitted last', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  await expect(page.getByText('0 of 3 today')).toBeVisible();
  const first = await faceOf(page);
  await fillIn(page, '30');
  await save(page);
  await expect(page.getByText('1 of 3 today')).toBeVisible();
  await ready(page);
  expect(await faceOf(page)).not.toBe(first);

  await page.keyboard.press('Shift+Backspace');
  await expect.poll(() => faceOf(page)).toBe(first);
  await expect(page.getByText('0 of 3 today')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Apparent age' })).toHaveText('30');
  await picture(page, 'taken-back');
  await page.keyboard.press('y');
  await page.keyboard.type('35');
  await save(page);
  await ready(page);
  await fillIn(page, '40');
  await save(page);
  await expect(page.getByText(/^Nothing waits for you in/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Back to my last face' })).toBeVisible();
  await leave(page);
});

test('one’s own work tells the goal, what was taken back, and leads back', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('annotator1'));
  await page.goto(`/d/${project.slug}/mine`);
  await expect(page.getByText('2 of 3 today: the goal')).toBeVisible();
  await expect(page.getByText('Taken back')).toHaveCount(1);
  await picture(page, 'my-work');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Go back to it' }).click();
  await ready(page);
  await expect(page.getByRole('status', { name: 'Apparent age' })).toHaveText('40');
  await save(page);
  await leave(page);
});

test('somebody else’s work on it is not taken away', async ({ browser }) => {
  const other = await openWork(browser, 'annotator2', project, 'check');
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('annotator1'));
  await page.goto(`/d/${project.slug}/mine`);
  await page.getByRole('link', { name: 'Go back to it' }).click();
  await expect(page.getByText(/^Somebody else has gone on with this face/)).toBeVisible();
  await leave(page);
  await leave(other);
});
