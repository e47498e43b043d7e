import { expect, test } from '@playwright/test';

import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { leave, makeProject, openWork, picture, ready, type Project } from './cockpitSupport';

// The key map beside the face: found by words or by key, changed by pressing another, the same on every computer.
test.describe.configure({ mode: 'serial' });

const PERSON = 'annotator4';
let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Keys', ['astronaut.png', 'astronaut-close.jpg'], {
    [PERSON]: 'annotator',
  });
});

test.afterAll(async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf(PERSON));
  await call(page, 'PATCH', '/me/preferences', { keys: null });
  await page.context().close();
});

test('it changes a key by keyboard alone, and every hint with it', async ({ browser }) => {
  const page = await openWork(browser, PERSON, project, 'annotate');
  const faults = watchFaults(page);
  await page.keyboard.press('?');
  const panel = page.getByRole('region', { name: 'Keys' });
  await expect(panel).toBeVisible();
  await expect(panel.getByRole('searchbox')).toBeFocused();
  await expectAccessible(page);
  await picture(page, 'keys');
  await page.keyboard.type('skip');
  await expect(panel.getByRole('listitem')).toHaveCount(1);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(panel.getByText('Press the new key.')).toBeVisible();
  await page.keyboard.press('5');
  await expect(panel.getByRole('alert')).toContainText('belongs to the page or the browser');
  const sent = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
  await page.keyboard.press('Shift+S');
  await expect(panel.getByRole('button', { name: 'Change the key of: Skip' })).toHaveText('Shift S');
  await expect(panel.getByRole('button', { name: 'Change the key of: Skip' })).toBeFocused();
  await sent;
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(page.getByRole('button', { name: 'Skip' })).toContainText('Shift S');
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { name: 'Skip this face' })).toBeHidden();
  await page.keyboard.press('Shift+S');
  await expect(page.getByRole('heading', { name: 'Skip this face' })).toBeVisible();
  await page.keyboard.press('Escape');
  expect(faults).toEqual([]);
  await leave(page);
});

test('it has the same keys in another browser, names a conflict and exchanges', async ({ browser }) => {
  const page = await openWork(browser, PERSON, project, 'annotate');
  await expect(page.getByRole('button', { name: 'Skip' })).toContainText('Shift S');
  await page.keyboard.press('?');
  const panel = page.getByRole('region', { name: 'Keys' });
  await panel.getByRole('searchbox').fill('pin');
  const pin = panel.getByRole('button', { name: 'Change the key of: Pin' });
  await pin.click();
  await page.keyboard.press('k');
  await expect(panel.getByRole('alert')).toContainText('K already does: Move points one by one');
  await picture(page, 'keys-conflict');
  await panel.getByRole('button', { name: 'Exchange the two keys' }).click();
  await expect(pin).toHaveText('K');
  await panel.getByRole('searchbox').fill('one by one');
  await expect(panel.getByRole('button', { name: /^Change the key of: Move points/ })).toHaveText('P');
  const sent = page.waitForResponse((answer) => {
    const body = answer.request().postData();
    return answer.request().method() === 'PATCH' && body === '{"keys":{}}' && answer.ok();
  });
  await panel.getByRole('button', { name: 'Usual keys for all' }).click();
  await sent;
  await panel.getByRole('searchbox').fill('pin');
  await expect(pin).toHaveText('P');
  await leave(page);
});

test('it reads letters of another layout from their place and leaves an input method alone', async ({
  browser,
}) => {
  const page = await openWork(browser, PERSON, project, 'annotate');
  const press = (key: string, code: string, isComposing: boolean): Promise<void> =>
    page.locator('canvas').dispatchEvent('keydown', { key, code, isComposing, bubbles: true });
  await press('s', 'KeyS', true);
  await expect(page.getByRole('heading', { name: 'Skip this face' })).toBeHidden();
  await press('ы', 'KeyS', false);
  await expect(page.getByRole('heading', { name: 'Skip this face' })).toBeVisible();
  await page.keyboard.press('Escape');
  await ready(page);
  await leave(page);
});
