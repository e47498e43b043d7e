import { expect, test, type Browser, type Page } from '@playwright/test';

import { call, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { expectSaved, fillIn, makeProject, picture, ready, type Project } from './cockpitSupport';

// Simplified Chinese: from the sign-in page over a labelled face to one's own work; the choice follows the person.
test.describe.configure({ mode: 'serial' });

const PERSON = 'annotator4';
let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Language', ['astronaut.png', 'astronaut-close.jpg'], {
    [PERSON]: 'annotator',
  });
});

test.afterAll(async ({ browser }) => {
  // Settings follow the person into the other tests.
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf(PERSON));
  await call(page, 'PATCH', '/me/preferences', { language: null });
  await page.context().close();
});

async function chinesePage(browser: Browser): Promise<Page> {
  return (await browser.newContext({ locale: 'zh-CN' })).newPage();
}

/** Four English words in a row are a sentence that nobody translated. */
async function expectNoEnglish(page: Page): Promise<void> {
  const shown = await page.locator('body').innerText();
  const named = await page
    .locator('[aria-label], [title], [placeholder]')
    .evaluateAll((all) =>
      all.map((one) =>
        ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name) ?? '').join('\n'),
      ),
    );
  const sentences = [shown, ...named].join('\n').match(/[A-Za-z]{2,}(?:[ ,;’']+[A-Za-z]{2,}){3,}/g) ?? [];
  expect(sentences).toEqual([]);
}

/** Nothing sticks out of the window, and no button cuts its words off. */
async function expectNoOverflow(page: Page): Promise<void> {
  const cut = await page
    .locator('button, a, h1, h2')
    .evaluateAll((all) =>
      all
        .filter(
          (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow !== 'visible',
        )
        .map((one) => one.textContent?.trim()),
    );
  expect(cut).toEqual([]);
  const width = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(width).toBeLessThanOrEqual(0);
}

test('it signs in, labels a face and looks at the work in Chinese', async ({ browser }) => {
  const page = await chinesePage(browser);
  const faults = watchFaults(page);
  await page.goto('/sign-in/');
  await expect(page.getByRole('heading', { name: '登录' })).toBeVisible();
  await picture(page, 'zh-sign-in');
  await signIn(page, loginOf(PERSON));
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-Hans');
  await expect(page.getByRole('heading', { level: 1, name: '数据集' })).toBeVisible();
  await expectAccessible(page);
  await picture(page, 'zh-home');

  await page.goto(`/d/${project.slug}/work?kind=annotate`);
  await ready(page);
  await expect(page.getByRole('button', { name: '保存并继续' })).toBeVisible();
  await expect(page.locator('[data-save]')).toHaveText('已保存');
  await page.keyboard.press('Tab');
  await expect(page.locator('#stage-selection')).toContainText('下颌左侧 1/8');
  await expectNoEnglish(page);
  await expectNoOverflow(page);
  await expectAccessible(page);
  await picture(page, 'zh-face');

  await page.keyboard.press('?');
  await expect(page.getByRole('heading', { name: '快捷键' })).toBeVisible();
  await expectNoEnglish(page);
  await picture(page, 'zh-keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await expect(page.getByRole('button', { name: '照片已损坏' })).toBeVisible();
  await expectNoEnglish(page);
  await page.keyboard.press('Escape');

  const first = await page.locator('canvas').getAttribute('aria-label');
  await fillIn(page, '34');
  await page.keyboard.press('Enter');
  await expectSaved(page);
  await expect(page.locator('canvas')).not.toHaveAttribute('aria-label', first ?? '');
  await page.goto(`/d/${project.slug}/mine`);
  await expect(page.getByText('今天 1', { exact: true }).first()).toBeVisible();
  await expectNoOverflow(page);
  await picture(page, 'zh-mine');
  expect(faults).toEqual([]);
  await page.context().close();
});

test('it takes a chosen language along to another browser', async ({ browser }) => {
  const here = await (await browser.newContext()).newPage();
  await signIn(here, loginOf(PERSON));
  await expect(here.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  await here.getByRole('button', { name: PERSON }).click();
  const sent = here.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
  await here.getByRole('radio', { name: '简体中文' }).check();
  await expect(here.getByRole('heading', { level: 1, name: '数据集' })).toBeVisible();
  await picture(here, 'zh-menu');
  await sent;
  await here.context().close();

  const there = await (await browser.newContext()).newPage();
  await signIn(there, loginOf(PERSON));
  await expect(there.getByRole('heading', { level: 1, name: '数据集' })).toBeVisible();
  await there.goto('/account');
  await expect(there.getByRole('heading', { name: '修改密码' })).toBeVisible();
  await expectNoEnglish(there);
  await there.context().close();
});
