import { expect, test } from '@playwright/test';
import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import {
  expectSaved,
  fillIn,
  leave,
  makeProject,
  onScreen,
  openWork,
  ready,
  selectedPoint,
  viewOf,
  type Project,
} from './cockpitSupport';

// Labelling in a real browser: keys, mouse, undo, drafts, no connection, an ended session.
test.describe.configure({ mode: 'serial' });

let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(
    browser,
    'Cockpit',
    ['astronaut.png', 'astronaut-close.jpg', 'scene-01.jpg', 'scene-04.jpg'],
    {
      annotator1: 'annotator',
      annotator2: 'annotator',
      annotator3: 'annotator',
    },
  );
});

test('it moves, hides, removes and restores points by keys, each undone in one step', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  const faults = watchFaults(page);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const before = await selectedPoint(page);
  expect(before.index).toBe(1);
  await page.keyboard.press('Shift+ArrowDown');
  const moved = await selectedPoint(page);
  expect(Math.hypot(moved.x - before.x, moved.y - before.y)).toBeCloseTo(5, 1);
  await page.keyboard.press('Alt+ArrowDown');
  const nudged = await selectedPoint(page);
  expect(Math.hypot(nudged.x - moved.x, nudged.y - moved.y)).toBeCloseTo(0.25, 1);
  await page.keyboard.press('Control+z');
  expect(await selectedPoint(page)).toEqual(moved);
  await page.keyboard.press('Control+z');
  expect(await selectedPoint(page)).toEqual(before);
  await page.keyboard.press('Control+Shift+z');
  expect(await selectedPoint(page)).toEqual(moved);

  await page.keyboard.press('h');
  expect((await selectedPoint(page)).state).toBe('hidden');
  await expect(page.getByText('16 visible · 1 hidden')).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(page.getByText('16 visible · 1 missing')).toBeVisible();
  await page.keyboard.press('a');
  await expect(page.getByText('17 visible')).toBeVisible();
  expect(await selectedPoint(page)).toEqual({ ...before, state: 'visible' });

  await page.keyboard.press('l');
  await expect(page.getByText('none', { exact: true })).toBeVisible();
  await page.keyboard.press('l');
  await expect(page.getByText('68 of 68')).toBeVisible();
  await expectSaved(page);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('it drags a point and a box handle with the mouse, each one undo step', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  await page.keyboard.press('Shift+Tab');
  for (let i = 67; i > 30; i -= 1) await page.keyboard.press('Shift+Tab');
  const before = await selectedPoint(page);
  expect(before.index).toBe(30);
  const from = await onScreen(page, before.x, before.y);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 10, from.y + 10, { steps: 4 });
  await page.mouse.move(from.x + 24, from.y, { steps: 4 });
  await page.mouse.up();
  const after = await selectedPoint(page);
  const { scale } = await viewOf(page);
  expect(after.index).toBe(30);
  expect(Math.hypot(after.x - before.x, after.y - before.y) * scale).toBeCloseTo(24, 0);
  await page.keyboard.press('Control+z');
  expect(await selectedPoint(page)).toEqual(before);

  await page.mouse.move(from.x, from.y);
  await expect(page.locator('canvas')).toHaveCSS('cursor', 'pointer');
  await page.keyboard.press('n');
  await expect(page.getByText('Draw the new box')).toBeVisible();
  const canvas = await page.locator('canvas').boundingBox();
  const [left, top] = [(canvas?.x ?? 0) + 300, (canvas?.y ?? 0) + 150];
  await page.mouse.move(left, top);
  await page.mouse.down();
  await page.mouse.move(left + 320, top + 380, { steps: 5 });
  await page.mouse.up();
  await expect(page.locator('#stage-selection')).toContainText('Box from');
  const drawn = await page.locator('#stage-selection').textContent();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('#stage-selection')).not.toHaveText(drawn ?? '');
  await page.keyboard.press('Control+z');
  await expect(page.locator('#stage-selection')).toHaveText(drawn ?? '');
  await page.context().close();
});

test('it zooms, fits and shows the photograph alone', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  const { scale } = await viewOf(page);
  await page.keyboard.press('+');
  expect((await viewOf(page)).scale).toBeCloseTo(scale * 1.25, 5);
  await page.keyboard.press('-');
  expect((await viewOf(page)).scale).toBeCloseTo(scale, 5);
  await page.mouse.move(400, 400);
  await page.mouse.wheel(0, -300);
  await expect(async () => {
    expect((await viewOf(page)).scale).toBeGreaterThan(scale * 1.2);
  }).toPass();
  await page.keyboard.press('z');
  expect((await viewOf(page)).scale).toBeCloseTo(scale, 5);

  const shown = await page.locator('canvas').screenshot();
  await page.keyboard.down('Space');
  await expect(async () => {
    expect((await page.locator('canvas').screenshot()).equals(shown)).toBe(false);
  }).toPass();
  await page.keyboard.up('Space');
  await page.context().close();
});

test('it says what the policy forbids and solves it with one key', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  await expect(page.getByRole('button', { name: /^Save and next/ })).toHaveAttribute('aria-disabled', 'true');
  await page.keyboard.press('v');
  await expect(page.getByText("A face flagged 'profile' carries no landmark points")).toBeVisible();
  await page.keyboard.press('r');
  await expect(page.getByText("A face flagged 'profile'")).toBeHidden();
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(page.getByText('68 of 68')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Still needed' })).toBeVisible();
  await page.context().close();
});

test('it keeps a draft through a closed tab and can discard it', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  const { context } = { context: page.context() };
  await fillIn(page, '47');
  await expect(page.locator('[data-save=Saving]')).toBeVisible();
  await expectSaved(page);
  await page.close({ runBeforeUnload: false });

  const again = await context.newPage();
  await again.goto(`/d/${project.slug}/work?kind=annotate`);
  await ready(again);
  await expect(again.getByText(/^Draft from .* restored/)).toBeVisible();
  await expect(again.getByRole('status', { name: 'Apparent age' })).toHaveText('47');
  await again.getByRole('button', { name: 'Discard' }).click();
  await expect(again.getByRole('status', { name: 'Apparent age' })).toHaveText('––');
  await expectSaved(again);
  await context.close();
});

test('it keeps a draft that only this browser has', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  const context = page.context();
  await page.route('**/draft', (route) => route.abort());
  await page.keyboard.type('52');
  await expect(page.locator('[data-save=Offline]')).toBeVisible();
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await again.goto(`/d/${project.slug}/work?kind=annotate`);
  await ready(again);
  await expect(again.getByRole('status', { name: 'Apparent age' })).toHaveText('52');
  await expectSaved(again);
  await context.close();
});

test('it asks to sign in over the page when the session ended, and loses nothing', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  await expectSaved(page);
  await page.context().clearCookies({ name: 'jfa_session' });
  await page.keyboard.press('q');
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel('Password').fill(loginOf('annotator1').password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog).toBeHidden();
  await expectSaved(page);
  await expect(page.getByRole('button', { name: /^Unsure/ }).first()).toHaveAttribute('aria-pressed', 'true');
  await page.context().close();
});

test('it saves and shows the next face, also without a connection', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  const first = await page.locator('canvas').getAttribute('aria-label');
  await fillIn(page, '33');
  await page.keyboard.press('Enter');
  await expect(page.locator('canvas')).not.toHaveAttribute('aria-label', first ?? '');
  await expectSaved(page);
  await expect(page.getByText('Today 1')).toBeVisible();

  const second = await page.locator('canvas').getAttribute('aria-label');
  await page.context().setOffline(true);
  await fillIn(page, '28');
  await page.keyboard.press('Enter');
  await expect(page.locator('canvas')).not.toHaveAttribute('aria-label', second ?? '');
  await expect(page.getByText('Offline, 1 waiting')).toBeVisible();
  await page.context().setOffline(false);
  await expectSaved(page);
  const mine = await call<{ today: { annotate: number } }>(page, 'GET', `/datasets/${project.id}/work/mine`);
  expect(mine.today.annotate).toBe(2);
  await page.context().close();
});

test('it skips with a reason, and the face goes to somebody else', async ({ browser }) => {
  const page = await openWork(browser, 'annotator1', project, 'annotate');
  const skipped = await page.locator('canvas').getAttribute('aria-label');
  await page.keyboard.press('s');
  await expect(page.getByRole('form', { name: 'Skip this face' })).toBeVisible();
  await page.keyboard.press('3');
  await page.keyboard.press('Enter');
  await expect(page.locator(`canvas[aria-label="${skipped}"]`)).toBeHidden();
  await leave(page);

  const other = await openWork(browser, 'annotator3', project, 'annotate');
  const seen = new Set<string>();
  for (let i = 0; i < 4 && !seen.has(skipped ?? ''); i += 1) {
    seen.add((await other.locator('canvas').getAttribute('aria-label')) ?? '');
    await other.keyboard.press('s');
    await other.keyboard.press('1');
    await other.keyboard.press('Enter');
  }
  expect([...seen]).toContain(skipped);
  await leave(other);
});

for (const scheme of ['dark', 'light'] as const) {
  test(`it has no accessibility faults, ${scheme}`, async ({ browser }) => {
    const page = await openWork(browser, 'annotator2', project, 'annotate');
    await page.evaluate((choice) => localStorage.setItem('jfa-theme', choice), scheme);
    for (const kind of ['annotate', 'sweep']) {
      await page.goto(`/d/${project.slug}/work?kind=${kind}`);
      await ready(page);
      await expectAccessible(page);
      for (const key of ['s', '?']) {
        await page.locator('canvas').focus();
        await page.keyboard.press(key);
        await expectAccessible(page);
        await page.keyboard.press('Escape');
      }
    }
    for (const path of ['/', `/d/${project.slug}/mine`, '/account']) {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await page.waitForLoadState('networkidle');
      await expectAccessible(page);
    }
    await page.context().close();
  });
}

test('it reaches every control by keyboard alone', async ({ page }) => {
  await signIn(page, loginOf('annotator2'));
  await page.goto(`/d/${project.slug}/work?kind=annotate`);
  await ready(page);
  await page.keyboard.press('F6');
  await expect(page.locator('.work aside :focus')).toHaveCount(1);
  const reached = new Set<string>();
  for (let i = 0; i < 40; i += 1) {
    reached.add(await page.evaluate(() => document.activeElement?.textContent ?? ''));
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement === document.body)) break;
  }
  expect([...reached].some((text) => text.includes('Save and next'))).toBe(true);
  expect([...reached].some((text) => text.includes('Not a face'))).toBe(true);
});
