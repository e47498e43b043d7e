import { expect, test, type Browser, type Page } from '@playwright/test';
import { ALL_SHOWN, call, expectAccessible, loginOf, signIn } from './adminSupport';
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
  type Project,
} from './cockpitSupport';

// What goes wrong while people label, in a real browser against a real server: after each, every save is in the
// database exactly once.

interface Revision {
  id: number;
  kind: string;
  author: string | null;
  labels: { gender: string | null };
}

interface Face {
  state: string;
  current_revision: number;
  revisions: Revision[];
}

interface Mine {
  results: { face_id: number | null }[];
}

const PEOPLE = { annotator1: 'annotator', annotator2: 'annotator' } as const;

/** The face that is shown, by the canvas's name. */
async function faceOn(page: Page): Promise<number> {
  const name = (await page.locator('canvas').getAttribute('aria-label')) ?? '';
  const found = /\d+/.exec(name);
  if (!found) throw new Error(`The canvas names no face: ${name}`);
  return Number(found[0]);
}

/** Faces of this person's passes as the server has them, the first one first. */
async function passes(page: Page, project: Project): Promise<(number | null)[]> {
  const mine = await call<Mine>(page, 'GET', `/datasets/${project.id}/work/mine`);
  return mine.results.map((one) => one.face_id).reverse();
}

async function asAdmin<T>(browser: Browser, ask: (page: Page) => Promise<T>): Promise<T> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf('admin'));
  const answer = await ask(page);
  await page.context().close();
  return answer;
}

const age = (page: Page) => page.getByRole('status', { name: 'Apparent age' });
const save = (page: Page, word: string) => page.locator(`[data-save=${word}]`);

async function goToWork(page: Page, project: Project, kind = 'annotate'): Promise<void> {
  await page.goto(`/d/${project.slug}/work?kind=${kind}`);
}

test.describe('with several faces', () => {
  test.describe.configure({ mode: 'serial' });
  let project: Project;

  test.beforeAll(async ({ browser }) => {
    test.setTimeout(180_000);
    const photographs = [
      'astronaut.png',
      'astronaut-close.jpg',
      'scene-01.jpg',
      'scene-03.jpg',
      'scene-04.jpg',
    ];
    project = await makeProject(browser, 'Nothing lost', photographs, PEOPLE);
  });

  test('it has each edit on the server within two seconds', async ({ browser }) => {
    const page = await openWork(browser, 'annotator1', project, 'annotate');
    await page.keyboard.press('Tab');
    for (const key of ['ArrowDown', 'Shift+ArrowLeft', 'h', 'ArrowUp']) {
      const began = Date.now();
      const put = page.waitForResponse(
        (one) => one.url().endsWith('/draft') && one.request().method() === 'PUT',
      );
      await page.keyboard.press(key);
      expect((await put).status()).toBe(200);
      expect(Date.now() - began).toBeLessThan(2000);
    }
    await page.context().close();
  });

  test('it undoes after a reload what was done before it', async ({ browser }) => {
    const page = await openWork(browser, 'annotator1', project, 'annotate');
    await page.keyboard.press('Tab');
    const places = [await selectedPoint(page)];
    for (let i = 0; i < 3; i += 1) {
      await page.keyboard.press('Shift+ArrowDown');
      places.push(await selectedPoint(page));
    }
    await page.keyboard.press('Control+z');
    await page.reload();
    await ready(page);
    await page.keyboard.press('Tab');
    const near = async (expected: { x: number; y: number } | undefined): Promise<void> => {
      const found = await selectedPoint(page);
      expect(Math.hypot(found.x - (expected?.x ?? 0), found.y - (expected?.y ?? 0))).toBeLessThan(0.1);
    };
    await near(places[2]);
    await page.keyboard.press('Control+y');
    await near(places[3]);
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('Control+z');
    await near(places[0]);
    await page.context().close();
  });

  test('it comes back to the state before the drag in which the tab was killed', async ({ browser }) => {
    const page = await openWork(browser, 'annotator1', project, 'annotate');
    const context = page.context();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Shift+ArrowUp');
    const before = await selectedPoint(page);
    const grip = await onScreen(page, before.x, before.y);
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    await page.mouse.move(grip.x + 60, grip.y + 40, { steps: 6 });
    expect((await selectedPoint(page)).x).not.toBeCloseTo(before.x, 1);
    const crashed = page.waitForEvent('crash');
    const devtools = await context.newCDPSession(page);
    devtools.send('Page.crash').catch(() => undefined);
    await crashed;

    const again = await context.newPage();
    await goToWork(again, project);
    await ready(again);
    await expect(again.getByText('closed in the middle of a drag')).toBeVisible();
    await picture(again, 'killed-in-a-drag');
    await expectAccessible(again);
    await again.locator('canvas').focus();
    await again.keyboard.press('Tab');
    const after = await selectedPoint(again);
    expect(Math.hypot(after.x - before.x, after.y - before.y)).toBeLessThan(0.1);
    await context.close();
  });

  test('it lets one of two tabs work at a time, and gives over with everything', async ({ browser }) => {
    const first = await openWork(browser, 'annotator1', project, 'annotate');
    const face = await faceOn(first);
    await first.keyboard.type('37');
    const second = await first.context().newPage();
    await goToWork(second, project);
    await expect(second.getByText(/is open in another tab/)).toBeVisible();
    await expect(second.locator('canvas')).toHaveCount(0);
    await picture(second, 'open-in-another-tab');
    await expectAccessible(second);
    await second.getByRole('button', { name: 'Work here instead' }).click();
    await ready(second);
    expect(await faceOn(second)).toBe(face);
    await expect(age(second)).toHaveText('37');
    await expect(first.getByText(/goes on in another tab/)).toBeVisible();
    await first.bringToFront();
    await first.getByRole('button', { name: 'Work here instead' }).click();
    await ready(first);
    await expect(age(first)).toHaveText('37');
    await fillIn(first, '38');
    const done = await passes(first, project);
    await first.keyboard.press('Enter');
    await expectSaved(first);
    expect(await passes(first, project)).toEqual([...done, face]);
    await first.context().close();
  });

  test('it asks which draft to go on with when two computers worked on one face', async ({ browser }) => {
    const here = await openWork(browser, 'annotator1', project, 'annotate');
    const face = await faceOn(here);
    await here.keyboard.press('Tab');
    await here.keyboard.press('y');
    await here.keyboard.type('41');
    await expectSaved(here);
    const there = await openWork(browser, 'annotator1', project, 'annotate');
    expect(await faceOn(there)).toBe(face);
    await expect(age(there)).toHaveText('41');
    await here.keyboard.press('ArrowDown');
    await expect(save(here, 'Saving')).toBeVisible();
    await expectSaved(here);
    await there.keyboard.press('y');
    await there.keyboard.type('52');
    const note = /in another tab or on another computer/;
    await expect(there.getByText(note)).toBeVisible();
    await expect(there.getByRole('button', { name: /^Save and next/ })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    await picture(there, 'two-drafts');
    await there.getByRole('button', { name: 'Keep this' }).click();
    await expectSaved(there);
    await here.locator('canvas').focus();
    await here.keyboard.press('ArrowDown');
    await expect(here.getByText(note)).toBeVisible();
    await here.getByRole('button', { name: 'Take the other' }).click();
    await expect(age(here)).toHaveText('52');
    await here.locator('canvas').focus();
    await here.keyboard.press('Control+z');
    await expect(age(here)).toHaveText('41');
    await fillIn(here, '43');
    const done = await passes(here, project);
    await here.keyboard.press('Enter');
    await expectSaved(here);
    expect(await passes(here, project)).toEqual([...done, face]);
    await here.context().close();
    await there.context().close();
  });

  test('it says when the storage is full, and works on', async ({ browser }) => {
    const page = await openWork(browser, 'annotator1', project, 'annotate');
    const devtools = await page.context().newCDPSession(page);
    const origin = new URL(page.url()).origin;
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await page.keyboard.type('29');
    await expect(page.getByText(/storage is full.*server still gets everything/)).toBeVisible();
    await expectSaved(page);
    await picture(page, 'storage-full');
    await page.route('**/draft', (route) => route.abort());
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    await expect(page.getByText(/storage is full.*in this tab only/)).toBeVisible();
    let asked = false;
    page.on('dialog', (dialog) => {
      asked = dialog.type() === 'beforeunload';
      void dialog.dismiss();
    });
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => asked).toBe(true);
    await page.unroute('**/draft');
    await devtools.send('Storage.overrideQuotaForOrigin', { origin });
    await page.keyboard.press('ArrowUp');
    await expect(page.getByText(/storage is full/)).toBeHidden();
    await expectSaved(page);
    await page.context().close();
  });

  test('it sends nothing as the person who signed in in another tab', async ({ browser }) => {
    const page = await openWork(browser, 'annotator1', project, 'annotate');
    const face = await faceOn(page);
    await fillIn(page, '33');
    await expectSaved(page);
    const done = await passes(page, project);
    await page.context().clearCookies({ name: 'jfa_session' });
    const other = await page.context().newPage();
    await signIn(other, loginOf('annotator2'));
    const theirs = await passes(other, project);

    await page.bringToFront();
    await page.locator('canvas').focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await expect(dialog.getByText(/Somebody else signed in/)).toBeVisible();
    await picture(page, 'somebody-else-signed-in');
    await expectAccessible(page);
    expect(await passes(other, project)).toEqual(theirs);
    await dialog.getByLabel('Password').fill(loginOf('annotator1').password);
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await expect(dialog).toBeHidden();
    await expectSaved(page);
    expect(await passes(page, project)).toEqual([...done, face]);
    await page.context().close();
  });

  test('it works on for five minutes without a connection and sends everything in order', async ({
    browser,
  }) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.clock.install();
    await signIn(page, loginOf('annotator1'));
    await goToWork(page, project);
    await ready(page);
    const done = await passes(page, project);
    const offline: number[] = [];
    const label = async (): Promise<void> => {
      offline.push(await faceOn(page));
      await fillIn(page, String(20 + offline.length));
      await page.keyboard.press('Enter');
    };
    await context.setOffline(true);
    for (let i = 0; i < 3; i += 1) {
      const shown = await faceOn(page);
      await label();
      await expect(page.locator(`canvas[aria-label*="${shown} "]`)).toHaveCount(0);
    }
    await expect(page.getByText('Offline, 3 waiting')).toBeVisible();
    await picture(page, 'offline');
    await page.clock.fastForward('05:00');
    while ((await page.locator('canvas').count()) > 0) {
      await label();
      await page.clock.runFor(300);
    }
    await expect(page.getByText('everything you held is done')).toBeVisible();
    await expect(page.getByText(new RegExp(`${offline.length} saves wait in this browser`))).toBeVisible();
    await picture(page, 'offline-all-done');
    await expectAccessible(page);
    await context.setOffline(false);
    await page.clock.runFor(35_000);
    await expectSaved(page);
    expect(await passes(page, project)).toEqual([...done, ...offline]);
    await context.close();
  });
});

test.describe('with one face', () => {
  test('it keeps a late save beside the face whose lease ended without a connection', async ({ browser }) => {
    test.setTimeout(240_000);
    const short = { ...ALL_SHOWN, lease_minutes: 1 };
    const project = await makeProject(browser, 'Late save', ['astronaut.png'], PEOPLE, short);
    const page = await openWork(browser, 'annotator1', project, 'annotate');
    const face = await faceOn(page);
    await page.context().setOffline(true);
    await fillIn(page, '31');
    await page.keyboard.press('Enter');
    await expect(page.getByText('Offline, 1 waiting')).toBeVisible();

    const other = await (await browser.newContext()).newPage();
    await signIn(other, loginOf('annotator2'));
    const claim = { count: 1, have: [], kinds: ['annotate'] };
    await expect
      .poll(
        async () =>
          (await call<{ items: unknown[] }>(other, 'POST', `/datasets/${project.id}/work/claim`, claim)).items
            .length,
        { timeout: 120_000, intervals: [5000] },
      )
      .toBe(1);
    await goToWork(other, project);
    await ready(other);
    expect(await faceOn(other)).toBe(face);
    await fillIn(other, '45');
    await other.keyboard.press('Enter');
    await expect.poll(() => passes(other, project)).toEqual([face]);

    await page.context().setOffline(false);
    await expect(page.getByText(`Face ${face}: Your lease had run out`)).toBeVisible({ timeout: 40_000 });
    await expectSaved(page);
    await picture(page, 'late-save');
    const stored = await asAdmin(browser, (admin) => call<Face>(admin, 'GET', `/faces/${face}`));
    expect(stored.revisions.map((one) => one.kind)).toEqual(['prelabel', 'annotate', 'side']);
    await page.context().close();
    await other.context().close();
  });

  test('it shows both versions when the face changed under the person, and stores the chosen one', async ({
    browser,
  }) => {
    test.setTimeout(180_000);
    const project = await makeProject(browser, 'Stale base', ['astronaut.png'], PEOPLE);
    const author = await openWork(browser, 'annotator1', project, 'annotate');
    const face = await faceOn(author);
    await fillIn(author, '35');
    await author.keyboard.press('Enter');
    await expect.poll(() => passes(author, project)).toEqual([face]);
    await leave(author);

    const page = await openWork(browser, 'annotator2', project, 'check');
    await page.keyboard.press('c');
    await page.keyboard.press('e');
    await page.keyboard.type('36');
    await asAdmin(browser, async (admin) => {
      const now = await call<Face>(admin, 'GET', `/faces/${face}`);
      await call(admin, 'POST', `/faces/${face}/restore`, {
        revision: now.revisions[0]?.id,
        base_revision: now.current_revision,
        reason: 'The points of the pre-label were better.',
      });
    });
    await page.locator('canvas').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText(/saved another version of this face/)).toBeVisible();
    await picture(page, 'stale-base');
    await expectAccessible(page);
    expect(await passes(page, project)).toEqual([]);
    await page.getByRole('button', { name: 'Keep mine' }).click();
    await page.locator('canvas').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => passes(page, project)).toEqual([face]);
    const stored = await asAdmin(browser, (admin) => call<Face>(admin, 'GET', `/faces/${face}`));
    expect(stored.revisions.map((one) => one.kind)).toEqual(['prelabel', 'annotate', 'restore', 'check']);
    await page.context().close();
  });
});
