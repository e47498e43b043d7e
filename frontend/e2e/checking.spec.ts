import { expect, test, type Page } from '@playwright/test';
import { call, expectAccessible, loginOf, signIn } from './adminSupport';
import {
  expectSaved,
  fillIn,
  leave,
  makeProject,
  onScreen,
  openWork,
  picture,
  ready,
  selectedPoint,
  viewOf,
  type Project,
} from './cockpitSupport';

// One person labels, another checks: accept, correct, dispute; an adjudicator decides.
test.describe.configure({ mode: 'serial' });

let project: Project;
/** Ages by face, as the first person gave them. */
const firstAges = new Map<number, number>();

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Portraits', ['astronaut.png', 'astronaut-mirrored.jpg'], {
    annotator1: 'annotator',
    annotator2: 'annotator',
    annotator3: 'annotator',
    adjudicator: 'adjudicator',
  });
});

const faceOf = async (page: Page): Promise<number> =>
  Number(/Face (\d+)/.exec((await page.locator('canvas').getAttribute('aria-label')) ?? '')?.[1]);

async function submitted(page: Page, key = 'Enter'): Promise<void> {
  const answer = page.waitForResponse((one) => one.url().endsWith('/submit'));
  await page.keyboard.press(key);
  expect((await answer).status()).toBe(200);
  await expectSaved(page);
}

test('a first person labels two faces', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  firstAges.set(await faceOf(page), 30);
  await fillIn(page, '30');
  // One point is dragged: the magnifier shows where it goes.
  for (let i = 0; i <= 54; i += 1) await page.keyboard.press('Tab');
  const corner = await selectedPoint(page);
  expect(corner.index).toBe(54);
  const from = await onScreen(page, corner.x, corner.y);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 14, from.y - 6, { steps: 6 });
  await picture(page, 'annotate');
  await page.mouse.up();
  expect(await selectedPoint(page)).not.toEqual(corner);
  await submitted(page);
  await ready(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Shift+ArrowLeft');
  firstAges.set(await faceOf(page), 40);
  await fillIn(page, '40');
  await submitted(page);
  await expect(page.getByText(/^Nothing waits for you in/)).toBeVisible();
  await leave(page);
});

test('it shows a check what changed, locks the labels until C, and keeps ages hidden', async ({
  browser,
}) => {
  const page = await openWork(browser, 'annotator2', project, 'check');
  await expect(page.getByText('Changed since the pre-label')).toBeVisible();
  await expect(page.getByText(/^\d+ points?$/)).toBeVisible();
  await expect(page.getByRole('status', { name: 'Apparent age' })).toHaveText('––');
  await picture(page, 'check');
  await expectAccessible(page);
  // From change to change by a key, then the whole face again.
  const whole = await viewOf(page);
  const lips = page.getByRole('button', { name: /^Lips/ });
  await lips.hover();
  for (let i = 0; i < 9 && (await lips.getAttribute('aria-pressed')) !== 'true'; i += 1) {
    await page.keyboard.press(';');
  }
  await expect(lips).toHaveAttribute('aria-pressed', 'true');
  expect((await viewOf(page)).scale).toBeGreaterThan(whole.scale);
  await picture(page, 'check-close');
  await page.getByRole('button', { name: /^Whole face/ }).click();
  expect((await viewOf(page)).scale).toBeCloseTo(whole.scale, 5);
  await page.locator('canvas').focus();
  await page.keyboard.press('d');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  const before = await selectedPoint(page);
  await page.keyboard.press('ArrowRight');
  expect(await selectedPoint(page)).toEqual(before);
  await page.keyboard.press('e');
  await expect(page.getByRole('definition').filter({ hasText: 'Female' })).toBeVisible();

  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Give an age before you accept' })).toBeVisible();
  await page.keyboard.type('34');
  await submitted(page);
  await leave(page);
});

test('it disputes with reasons, and the adjudicator takes a version', async ({ browser }) => {
  const page = await openWork(browser, 'annotator2', project, 'check');
  const face = await faceOf(page);
  await page.keyboard.type('44');
  await page.getByRole('button', { name: 'Landmarks off' }).click();
  await page.keyboard.press('4');
  await submitted(page);
  await leave(page);

  const judge = await openWork(browser, 'adjudicator', project, 'adjudicate');
  expect(await faceOf(judge)).toBe(face);
  await expect(judge.getByText('Landmarks off; Flag missing').first()).toBeVisible();
  await expect(judge.getByText('Person A')).toBeVisible();
  await expectAccessible(judge);
  await judge.keyboard.press('Shift+A');
  await expect(judge.getByRole('button', { name: /^Take/ }).first()).toHaveAttribute('aria-pressed', 'true');
  await judge.keyboard.type('41');
  await submitted(judge);
  const state = await call<{ state: string; age_n: number }>(judge, 'GET', `/faces/${face}`);
  expect(state.state).toBe('accepted');
  await leave(judge);
});

test('it corrects after C and sends a correction', async ({ browser }) => {
  const page = await openWork(browser, 'annotator3', project, 'check');
  const face = await faceOf(page);
  await page.keyboard.press('c');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: /^Save correction/ })).toBeVisible();
  await page.keyboard.type('36');
  await submitted(page);
  await leave(page);
  const judge = await (await browser.newContext()).newPage();
  await signIn(judge, loginOf('adjudicator'));
  const detail = await call<{ state: string; age_n: number; age_mean: number }>(
    judge,
    'GET',
    `/faces/${face}`,
  );
  expect(detail).toMatchObject({ state: 'accepted', age_n: 3 });
  expect(detail.age_mean).toBeCloseTo(((firstAges.get(face) ?? NaN) + 34 + 36) / 3, 5);
  await judge.context().close();
});
