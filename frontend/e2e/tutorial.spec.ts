import { expect, test, type Page } from '@playwright/test';

import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { onScreen, picture, ready, selectedPoint } from './cockpitSupport';
import { makeTaughtProject } from './teachingSupport';

const step = (page: Page, words: RegExp) => page.getByRole('listitem').filter({ hasText: words });

/** The dataset's card on the first page. */
const cardOf = (page: Page, slug: string) =>
  page.getByRole('article').filter({ has: page.locator(`a[href="/d/${slug}/mine"]`) });

async function expectDone(page: Page, words: RegExp): Promise<void> {
  await expect(step(page, words)).toContainText('(done)');
}

/** Everything that a face of the default policy needs, by keys. */
async function fillIn(page: Page, age: string): Promise<void> {
  await page.locator('canvas').focus();
  await page.keyboard.type(age);
  await page.keyboard.press('w');
  await page.keyboard.press('3');
}

async function checkAnswer(page: Page): Promise<void> {
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'How it went' })).toBeVisible();
}

test('five faces teach point by point, whole face, age, flags, and what was wrong', async ({ browser }) => {
  test.setTimeout(240_000);
  const project = await makeTaughtProject(browser, 'Tutorial of five', 5);
  const page = await (await browser.newContext()).newPage();
  const faults = watchFaults(page);
  await signIn(page, loginOf('annotator2'));
  await call(page, 'PATCH', '/me/preferences', { guide_open: false });
  await page.goto('/');
  const card = cardOf(page, project.slug);
  await expect(card).toContainText('5 faces to practise on');
  await card.getByRole('link', { name: 'Start the tutorial' }).click();
  await ready(page);

  await test.step('face 1: points are selected, dragged and nudged, and each step is ticked off', async () => {
    await expect(page.getByRole('heading', { name: 'Move points' })).toBeVisible();
    await page.keyboard.press('Tab');
    await expectDone(page, /Choose a point/);
    const before = await selectedPoint(page);
    const from = await onScreen(page, before.x, before.y);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x - 30, from.y + 20, { steps: 4 });
    await page.mouse.up();
    await expectDone(page, /Drag it/);
    await page.keyboard.press('ArrowUp');
    await expectDone(page, /arrow keys/);
    await page.keyboard.press('Enter');
    await expect(page.getByText('This face still needs age')).toBeVisible();
    await fillIn(page, '52');
    await expectDone(page, /Give age, gender and ethnicity/);
    await picture(page, 'tutorial-steps');
    await expectAccessible(page);
    await checkAnswer(page);
    const jaw = page.getByRole('listitem').filter({ hasText: 'Jaw' });
    await expect(jaw).toContainText('% of the face’s size away on average');
    await expect(page.getByRole('listitem').filter({ hasText: /^Age/ })).toContainText('too old');
    await expect(page.getByRole('status').filter({ hasText: /off|close/ })).toBeVisible();
    await picture(page, 'tutorial-feedback');
    await expectAccessible(page);
  });

  await test.step('another try goes on with the same answer and takes its place', async () => {
    await page.getByRole('button', { name: 'Try this face again' }).click();
    await page.keyboard.press('y');
    await page.keyboard.type('33');
    await checkAnswer(page);
    await expect(page.getByRole('listitem').filter({ hasText: /^Age/ })).not.toContainText('too old');
  });

  await test.step('a reload shows the next open face, with what was done kept', async () => {
    await page.reload();
    await ready(page);
    await expect(page.getByText('Face 2 of 5')).toBeVisible();
  });

  await test.step('face 2: three clicks lay the whole face', async () => {
    await expect(page.getByRole('heading', { name: 'The whole face at once' })).toBeVisible();
    await page.keyboard.press('t');
    const box = await page.locator('canvas').boundingBox();
    const at = (u: number, v: number): [number, number] => [
      (box?.x ?? 0) + (box?.width ?? 0) * u,
      (box?.y ?? 0) + (box?.height ?? 0) * v,
    ];
    for (const [u, v] of [
      [0.42, 0.42],
      [0.58, 0.42],
      [0.5, 0.66],
    ] as const)
      await page.mouse.click(...at(u, v));
    await expectDone(page, /click the left eye/);
    await fillIn(page, '31');
    await checkAnswer(page);
    await page.keyboard.press('Enter');
  });

  await test.step('face 3: age and words', async () => {
    await expect(page.getByRole('heading', { name: 'Age and words' })).toBeVisible();
    await ready(page);
    await fillIn(page, '34');
    await expectDone(page, /Type the age/);
    await checkAnswer(page);
    await page.keyboard.press('Enter');
  });

  await test.step('face 4: the guide tells what flags take away, and a conflict is solved', async () => {
    await expect(page.getByRole('heading', { name: 'Flags and what they take away' })).toBeVisible();
    await ready(page);
    await page.keyboard.press('g');
    await expect(page.getByRole('heading', { name: 'Labelling guide' })).toBeVisible();
    await expectDone(page, /Open the guide/);
    await page.locator('canvas').focus();
    await page.keyboard.press('o');
    await page.keyboard.press('r');
    await expectDone(page, /Set the flag that fits/);
    await checkAnswer(page);
    await expect(page.getByRole('listitem').filter({ hasText: /^Flags/ })).toContainText('does not fit here');
    await page.keyboard.press('g');
    await page.keyboard.press('Enter');
  });

  await test.step('face 5 is done alone, and the end says which parts to look at', async () => {
    await expect(page.getByRole('heading', { name: 'On your own' })).toBeVisible();
    await ready(page);
    await fillIn(page, '35');
    await checkAnswer(page);
    await page.getByRole('button', { name: 'Finish' }).click();
    await expect(page.getByRole('heading', { name: 'You have done the tutorial' })).toBeFocused();
    await expect(page.getByRole('row', { name: /^Flags/ })).toContainText('4');
    await picture(page, 'tutorial-end');
    await expectAccessible(page);
  });

  await test.step('nothing of it is work', async () => {
    const mine = await call<{ results: unknown[] }>(page, 'GET', `/datasets/${project.id}/work/mine`);
    expect(mine.results).toEqual([]);
    await page.goto('/');
    await expect(card.getByRole('link', { name: 'Do the tutorial again' })).toBeVisible();
  });
  expect(faults).toEqual([]);
  await page.context().close();
});

test('a dataset may ask for the tutorial first, and it can be skipped through', async ({ browser }) => {
  test.setTimeout(180_000);
  const project = await makeTaughtProject(browser, 'Tutorial first', 1, { tutorial_required: true });
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('annotator3'));
  await page.goto(`/d/${project.slug}/work`);
  await expect(page.getByText('This dataset asks everybody to do its tutorial first')).toBeVisible();
  await page.goto('/');
  const card = cardOf(page, project.slug);
  await expect(card).toContainText('asks you to do its tutorial before you start');
  await card.getByRole('link', { name: 'Start the tutorial' }).click();
  await ready(page);
  await page.getByRole('button', { name: 'Skip this face' }).click();
  await expect(page.getByText('0 of 1 done')).toBeVisible();
  await page.getByRole('button', { name: 'Go on with the tutorial' }).click();
  await ready(page);
  await fillIn(page, '30');
  await checkAnswer(page);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Start labelling' }).click();
  await expect(page.locator('canvas, main.none')).toBeVisible();
  await expect(page.getByText('do its tutorial first')).toHaveCount(0);
  await page.context().close();
});

test('an admin chooses five faces, takes one out, and goes through them', async ({ browser }) => {
  test.setTimeout(180_000);
  const project = await makeTaughtProject(browser, 'Tutorial by the admin', 0);
  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, loginOf('admin'));
  await admin.goto(`/d/${project.slug}/gold`);
  await expect(admin.getByText('No face is in the tutorial yet')).toBeVisible();
  await admin.getByRole('button', { name: 'Choose five for me' }).click();
  const table = admin.getByRole('table', { name: 'Faces of the tutorial in their order' });
  await expect(table.getByRole('row')).toHaveCount(6);
  await expect(table.getByRole('row').nth(1)).toContainText('1: move points');
  const second = await table.getByRole('row').nth(2).getByRole('link').textContent();
  await table
    .getByRole('row')
    .nth(2)
    .getByRole('button', { name: /^Earlier/ })
    .click();
  await expect(table.getByRole('row').nth(1).getByRole('link')).toHaveText(second ?? '');
  await table
    .getByRole('row')
    .nth(5)
    .getByRole('button', { name: /^Take out/ })
    .click();
  await expect(table.getByRole('row').nth(5)).toContainText('no');
  await expectAccessible(admin);
  await picture(admin, 'gold-tutorial');
  await admin.goto(`/d/${project.slug}/tutorial`);
  await ready(admin);
  await expect(admin.getByText('Face 1 of 4')).toBeVisible();
  await admin.context().close();
});
