import { expect, test, type Browser, type Page } from '@playwright/test';
import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { expectSaved, leave, makeProject, picture, ready, type Project } from './cockpitSupport';

// Many faces answer one question: keys only, the same passes and history as face by face.
test.describe.configure({ mode: 'serial' });

const SCENES = Array.from({ length: 14 }, (_, i) => `scene-${String(i + 1).padStart(2, '0')}.jpg`);
/** More than a screenful of faces. */
const PHOTOGRAPHS = [...SCENES, 'astronaut.png', 'astronaut-mirrored.jpg', 'astronaut-close.jpg'];

interface FaceRow {
  id: number;
  state: string;
  gender: string | null;
}

async function admin(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('admin'));
  return page;
}

async function openBatch(
  browser: Browser,
  username: string,
  project: Project,
  question: string,
): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
  await signIn(page, loginOf(username));
  await page.goto(`/d/${project.slug}/work?batch=${question}`);
  await expect(page.getByRole('option').first()).toBeVisible();
  return page;
}

const tiles = (page: Page) => page.getByRole('option');
const chosen = (page: Page) => page.locator('[role=option][aria-selected=true]');

/** Tiles whose words end so, by place. */
async function answersOf(page: Page): Promise<string[]> {
  const words = await tiles(page).evaluateAll((all) =>
    all.map((one) => one.getAttribute('aria-label') ?? ''),
  );
  return words.map((one) => /: ([^,]+)/.exec(one)?.[1] ?? '');
}

test.describe('of the usual policy', () => {
  let project: Project;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(180_000);
    project = await makeProject(browser, 'Batch', PHOTOGRAPHS, {
      annotator1: 'annotator',
      annotator2: 'annotator',
    });
  });

  test('it fixes two exceptions, confirms the screen, and goes on face by face', async ({ browser }) => {
    const page = await openBatch(browser, 'annotator1', project, 'gender');
    const faults = watchFaults(page);
    await expect(page.getByRole('listbox')).toBeFocused();
    await expect(tiles(page)).toHaveCount(24);
    await expectAccessible(page);
    // No age is shown anywhere on the screen, and no point.
    await expect(page.locator('main')).not.toContainText(/age|year/i);
    const before = await answersOf(page);

    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await expect(chosen(page)).toHaveAttribute('aria-label', /^Face 10 of 24/);
    const other = before[9] === 'Male' ? 'w' : 'e';
    await page.keyboard.press(other);
    await expect(chosen(page)).toHaveAttribute('aria-label', /you changed it/);
    const after = await answersOf(page);
    expect(after.filter((answer, place) => answer !== before[place])).toHaveLength(2);
    await page.keyboard.press('Control+z');
    expect((await answersOf(page)).filter((answer, place) => answer !== before[place])).toHaveLength(1);
    await page.keyboard.press('Control+Shift+z');
    expect(await answersOf(page)).toEqual(after);
    await picture(page, 'batch');

    await page.keyboard.press('Enter');
    await expect(page.getByText('24 faces confirmed')).toBeVisible();
    await expectSaved(page);
    await page.keyboard.press('Control+z');
    await expect(page.getByRole('button', { name: /^Confirm these 24/ })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: /^Go on with these 24/ })).toBeVisible();
    await expectAccessible(page);
    await picture(page, 'batch-confirmed');
    await expectSaved(page);

    // A reload loses nothing: the drafts know what was confirmed.
    await page.reload();
    await expect(tiles(page)).toHaveCount(24);
    await expect(page.getByRole('button', { name: /^Go on with these 24/ })).toBeVisible();
    expect((await answersOf(page)).toSorted()).toEqual(after.toSorted());

    await page.keyboard.press('Enter');
    await ready(page);
    await expect(page.getByText('confirmed among others')).toBeVisible();
    for (const age of ['31', '47']) {
      await page.locator('canvas').focus();
      await page.keyboard.type(age);
      await page.keyboard.press('3');
      const answer = page.waitForResponse((one) => one.url().endsWith('/submit'));
      await page.keyboard.press('Enter');
      expect((await answer).status()).toBe(200);
      await ready(page);
    }
    await expectSaved(page);
    expect(faults).toEqual([]);

    const mine = await call<{ total: { annotate: number }; results: { face_id: number }[] }>(
      page,
      'GET',
      `/datasets/${project.id}/work/mine`,
    );
    expect(mine.total.annotate).toBe(2);
    const staff = await admin(browser);
    for (const { face_id: id } of mine.results) {
      const face = await call<{ state: string; revisions: { kind: string; labels: { gender: string } }[] }>(
        staff,
        'GET',
        `/faces/${id}`,
      );
      expect(face.state).toBe('checking');
      expect(face.revisions.map(({ kind }) => kind).toSorted()).toEqual(['annotate', 'prelabel']);
    }
    await staff.context().close();
    await leave(page);
  });

  test('it gives untouched faces back and flips with the mouse', async ({ browser }) => {
    const page = await openBatch(browser, 'annotator2', project, 'gender');
    const count = await tiles(page).count();
    const before = await answersOf(page);
    await tiles(page).nth(1).click();
    expect((await answersOf(page))[1]).not.toBe(before[1]);
    await expect(page.getByRole('listbox')).toBeFocused();
    await page.getByRole('button', { name: /^Undo/ }).click();
    expect(await answersOf(page)).toEqual(before);

    // The next question of the same faces: no model answered it, so each answer leads on to the next face.
    await page.keyboard.press('n');
    await expect(page.getByRole('listbox', { name: /^Ethnicity of/ })).toBeFocused();
    const open = (await answersOf(page)).indexOf('No answer');
    for (let place = 0; place < open; place += 1) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('3');
    await expect(chosen(page)).toHaveAttribute('aria-label', new RegExp(`^Face ${open + 2} of`));
    await page.keyboard.press('0');
    expect((await answersOf(page)).slice(open, open + 2)).toEqual(['White', 'Unsure']);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect((await answersOf(page))[open]).toBe('No answer');
    await leave(page);
    const again = await openBatch(browser, 'annotator2', project, 'gender');
    await expect(tiles(again)).toHaveCount(count);
    await leave(again);
  });
});

test('it sends what the policy asks no more of from the screen itself', async ({ browser }) => {
  test.setTimeout(180_000);
  const rules = {
    test_share: 0,
    blind_share: 0,
    checks: 1,
    required: ['gender'],
  };
  const people = { annotator3: 'annotator', annotator4: 'annotator' } as const;
  const project = await makeProject(browser, 'Batch of words', SCENES.slice(0, 2), people, rules);
  const page = await openBatch(browser, 'annotator3', project, 'gender');
  const faults = watchFaults(page);
  const count = await tiles(page).count();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Nothing waits for you in')).toBeVisible();
  await expectSaved(page);
  await leave(page);

  const checker = await openBatch(browser, 'annotator4', project, 'gender');
  await expect(tiles(checker)).toHaveCount(count);
  await expect(checker.getByText('check', { exact: true }).first()).toBeVisible();
  await checker.keyboard.press('Enter');
  await expect(checker.getByText('Nothing waits for you in')).toBeVisible();
  await expectSaved(checker);
  await leave(checker);

  const staff = await admin(browser);
  const { results } = await call<{ results: FaceRow[] }>(staff, 'GET', `/datasets/${project.id}/faces`);
  expect(results.map(({ state }) => state)).toEqual(results.map(() => 'accepted'));
  expect(results).toHaveLength(count);
  expect(faults).toEqual([]);
  await staff.context().close();
});
