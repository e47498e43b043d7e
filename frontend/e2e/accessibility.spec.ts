import { expect, test, type Browser, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';

import { ALL_SHOWN, call, expectAccessible, loginOf, signIn } from './adminSupport';
import { makeProject, ready, type Project } from './cockpitSupport';

// Every state of the pages where people label: WCAG 2.2 AA by axe in both themes, keys alone, focus, what is said.
test.describe.configure({ mode: 'serial' });

interface Claimed {
  items: {
    id: number;
    lease: { token: string };
    face: { base_revision: number; labels: Record<string, unknown> };
  }[];
}

let project: Project;
let empty: Project;

async function signedIn(browser: Browser, username: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf(username));
  await call(page, 'PATCH', '/me/preferences', { guide_open: false });
  return page;
}

/** Save this many items of a kind as they come, over the API. */
async function work(page: Page, kind: string, count: number, verdict: string): Promise<void> {
  const { items } = await call<Claimed>(page, 'POST', `/datasets/${project.id}/work/claim`, {
    count,
    kinds: [kind],
  });
  expect(items).toHaveLength(count);
  for (const { id, lease, face } of items) {
    await call(page, 'POST', `/work/${id}/submit`, {
      submission_id: randomUUID(),
      token: lease.token,
      base_revision: face.base_revision,
      verdict,
      labels: { ...face.labels, age: 33, gender: face.labels.gender ?? 'female', ethnicity: 'white' },
      comment: verdict === 'dispute' ? 'Landmarks off' : '',
      active_ms: 1000,
    });
  }
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  const people = {
    annotator1: 'annotator',
    annotator2: 'annotator',
    annotator3: 'annotator',
    adjudicator: 'adjudicator',
  } as const;
  project = await makeProject(
    browser,
    'Accessible',
    ['astronaut.png', 'scene-02.jpg', 'scene-04.jpg', 'scene-06.jpg'],
    people,
    { ...ALL_SHOWN, checks: 2 },
  );
  empty = await makeProject(browser, 'Accessible and empty', ['astronaut.png'], { annotator4: 'annotator' });
  const first = await signedIn(browser, 'annotator1');
  await work(first, 'annotate', 4, 'save');
  await first.context().close();
  const second = await signedIn(browser, 'annotator2');
  await work(second, 'check', 1, 'dispute');
  await second.context().close();
});

async function open(page: Page, query: string): Promise<void> {
  await page.goto(`/d/${project.slug}/work?${query}`);
  await ready(page);
}

/** What a person opens on this page, each looked at while it is open. */
async function expectStates(page: Page, keys: readonly string[]): Promise<void> {
  await expectAccessible(page);
  for (const key of keys) {
    await page.locator('canvas').focus();
    await page.keyboard.press(key);
    await page.waitForLoadState('networkidle');
    await expectAccessible(page);
    await page.keyboard.press(key === 'g' ? 'g' : 'Escape');
  }
}

for (const scheme of ['dark', 'light'] as const) {
  test(`no page where people label has a fault that axe finds, ${scheme}`, async ({ browser }) => {
    test.setTimeout(240_000);
    const page = await signedIn(browser, 'annotator3');
    await call(page, 'PATCH', '/me/preferences', { theme: scheme });
    await test.step('a face to label', async () => {
      await open(page, 'kind=annotate');
      await expect(page.locator('html')).toHaveAttribute('data-theme', scheme);
      await expectStates(page, ['g', '?', 's', 'j', 'Enter', 't', 'o']);
    });
    await test.step('a face to check, and its dispute', async () => {
      await open(page, 'kind=check');
      await expectStates(page, ['g', '?', 'd', 'c']);
    });
    await test.step('a photograph to sweep', async () => {
      await open(page, 'kind=sweep');
      await expectStates(page, ['g', '?', 's']);
    });
    await test.step('a screenful of faces', async () => {
      await page.goto(`/d/${project.slug}/work?kind=annotate&batch=gender`);
      await expect(
        page.getByRole('grid').or(page.getByRole('listbox')).or(page.locator('main img')).first(),
      ).toBeVisible();
      await expectAccessible(page);
    });
    await test.step('without a connection', async () => {
      await open(page, 'kind=annotate');
      await page.context().setOffline(true);
      await page.keyboard.type('27');
      await expect(page.locator('[data-save=Offline]')).toBeVisible();
      await expectAccessible(page);
      await page.context().setOffline(false);
      await expect(page.locator('[data-save=Saved]')).toBeVisible({ timeout: 30_000 });
    });
    await test.step('the first page, my work, my account', async () => {
      for (const path of ['/', `/d/${project.slug}/mine`, '/account']) {
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await page.waitForLoadState('networkidle');
        await expectAccessible(page);
      }
    });
    await call(page, 'PATCH', '/me/preferences', { theme: 'system' });
    await page.context().close();
    await test.step('a dispute to decide', async () => {
      const judge = await signedIn(browser, 'adjudicator');
      await call(judge, 'PATCH', '/me/preferences', { theme: scheme });
      await open(judge, 'kind=adjudicate');
      await expectStates(judge, ['g', '?', 'm', 'u']);
      await call(judge, 'PATCH', '/me/preferences', { theme: 'system' });
      await judge.context().close();
    });
    await test.step('nothing to do', async () => {
      const idle = await signedIn(browser, 'annotator4');
      await call(idle, 'PATCH', '/me/preferences', { theme: scheme });
      await idle.goto(`/d/${empty.slug}/work?kind=check`);
      await expect(idle.getByText('Nothing waits for you')).toBeVisible();
      await expectAccessible(idle);
      await call(idle, 'PATCH', '/me/preferences', { theme: 'system' });
      await idle.context().close();
    });
  });
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.tagName.toLowerCase() ?? 'none');

test('a face is labelled and saved by keys alone, and focus and words follow to the next', async ({
  browser,
}) => {
  const page = await signedIn(browser, 'annotator3');
  await open(page, 'kind=annotate');
  const announced = page.locator('[data-announced]');
  await expect(announced).toHaveText(/^Face \d+ to label\.$/);
  const before = await announced.textContent();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#stage-selection')).toHaveText(/^Point 0/);
  await page.keyboard.type('36');
  await page.keyboard.press('w');
  await page.keyboard.press('3');
  await page.keyboard.press('Enter');
  await expect(announced).not.toHaveText(before ?? '');
  expect(await focused(page)).toBe('canvas');
  await expect(page.locator('[data-save]')).toHaveAttribute('role', 'status');
  await expect(page.locator('[data-save=Saved]')).toBeVisible();

  await test.step('skipping with a reason gives the focus back', async () => {
    const shown = await announced.textContent();
    await page.keyboard.press('s');
    expect(await focused(page)).not.toBe('body');
    await page.keyboard.press('Escape');
    expect(await focused(page)).toBe('canvas');
    await expect(announced).toHaveText(shown ?? '');
  });
  await page.context().close();
});

test('a check is accepted and another disputed by keys alone', async ({ browser }) => {
  const page = await signedIn(browser, 'annotator3');
  await open(page, 'kind=check');
  const announced = page.locator('[data-announced]');
  const first = await announced.textContent();
  await page.keyboard.type('35');
  await page.keyboard.press('Enter');
  await expect(announced).not.toHaveText(first ?? '');
  expect(await focused(page)).toBe('canvas');
  const second = await announced.textContent();
  await page.keyboard.type('35');
  await page.keyboard.press('d');
  await page.keyboard.press('1');
  await page.keyboard.press('Enter');
  await expect(announced).not.toHaveText(second ?? '');
  await page.context().close();
});

test('a sweep is saved by keys alone', async ({ browser }) => {
  const page = await signedIn(browser, 'annotator3');
  await open(page, 'kind=sweep');
  const announced = page.locator('[data-announced]');
  await expect(announced).toHaveText(/^Photograph \d+ to sweep\.$/);
  const before = await announced.textContent();
  await page.keyboard.press('Tab');
  await page.keyboard.press('x');
  await page.keyboard.press('x');
  await page.keyboard.press('Enter');
  await expect(announced).not.toHaveText(before ?? '');
  expect(await focused(page)).toBe('canvas');
  await page.context().close();
});

test('a dispute is decided by keys alone', async ({ browser }) => {
  const page = await signedIn(browser, 'adjudicator');
  await open(page, 'kind=adjudicate');
  await page.keyboard.press('Shift+A');
  await page.keyboard.type('34');
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-announced]')).toHaveText(/no work for you|Face \d+ to decide/);
  await page.context().close();
});

test('nothing moves for people who asked for no movement', async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await signIn(page, loginOf('annotator3'));
  await call(page, 'PATCH', '/me/preferences', { guide_open: false });
  await open(page, 'kind=sweep');
  await page.keyboard.press('g');
  await page.waitForLoadState('networkidle');
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) => {
        const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
        const lasts = (times: string): boolean => times.split(',').some((one) => parseFloat(one) > 0.001);
        return lasts(transitionDuration) || (animationName !== 'none' && lasts(animationDuration));
      })
      .map((element) => element.className.toString()),
  );
  expect(moving).toEqual([]);
  await page.keyboard.press('g');
  await page.waitForLoadState('networkidle');
  await context.close();
});
