import { expect, test } from '@playwright/test';
import { call, loginOf, signIn, watchFaults } from './adminSupport';
import { expectSaved, leave, makeProject, onScreen, openWork, picture, type Project } from './cockpitSupport';

// The sweep of whole photographs: faces drawn and rejected, a verdict on the whole.
test.describe.configure({ mode: 'serial' });

let project: Project;

interface FoundFace {
  id: number;
  state: string;
  box: [number, number, number, number];
}

interface Row {
  id: number;
  name: string;
  verdict: string;
  verdict_reason: string;
  swept_at: string | null;
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Street scenes', ['scene-04.jpg', 'scene-02.jpg'], {
    annotator4: 'annotator',
  });
});

test('it draws a missed face, rejects a false one, undoes, and saves both', async ({ browser }) => {
  const page = await openWork(browser, 'annotator4', project, 'sweep');
  const faults = watchFaults(page);
  const image = Number(
    /Photograph (\d+)/.exec((await page.locator('canvas').getAttribute('aria-label')) ?? '')?.[1],
  );
  const before = Number(await page.locator('[data-count]').getAttribute('data-count'));
  expect(before).toBeGreaterThan(0);

  const a = await onScreen(page, 6, 6);
  const b = await onScreen(page, 66, 76);
  await page.mouse.move(a.x, a.y);
  await page.mouse.down();
  await page.mouse.move(b.x, b.y, { steps: 5 });
  await page.mouse.up();
  await expect(page.locator('[data-count]')).toHaveAttribute('data-count', String(before + 1));
  await expect(page.getByText('The box that you drew')).toBeVisible();
  await picture(page, 'sweep');

  // A second one by two clicks, taken back again.
  const c = await onScreen(page, 6, 90);
  const d = await onScreen(page, 60, 150);
  await page.mouse.click(c.x, c.y);
  await page.mouse.click(d.x, d.y);
  await expect(page.locator('[data-count]')).toHaveAttribute('data-count', String(before + 2));
  await page.keyboard.press('Control+z');
  await expect(page.locator('[data-count]')).toHaveAttribute('data-count', String(before + 1));

  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(page.locator('#stage-selection')).toContainText('Face 1 of');
  await page.keyboard.press('x');
  await expect(page.locator('#stage-selection')).toContainText('not a face');
  await expect(page.locator('[data-count]')).toHaveAttribute('data-count', String(before));

  const answer = page.waitForResponse((one) => one.url().endsWith('/submit'));
  await page.keyboard.press('Enter');
  expect((await answer).status()).toBe(200);
  await expectSaved(page);
  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, loginOf('admin'));
  const after = await call<{ swept_at: string | null; faces_list: FoundFace[] }>(
    admin,
    'GET',
    `/images/${image}`,
  );
  expect(after.swept_at).not.toBeNull();
  expect(after.faces_list).toHaveLength(before + 1);
  expect(after.faces_list.filter((face) => face.state === 'rejected')).toHaveLength(1);
  const drawn = after.faces_list.find(
    (face) => Math.abs(face.box[0] - 6) < 2 && Math.abs(face.box[3] - 76) < 2,
  );
  expect(drawn?.state).toBe('waiting');
  expect(faults).toEqual([]);
  await admin.context().close();
  await leave(page);
});

test('it asks why a photograph is rejected and stores the reason', async ({ browser }) => {
  const page = await openWork(browser, 'annotator4', project, 'sweep');
  await page.getByRole('button', { name: 'Reject', exact: true }).click();
  await expect(page.getByRole('button', { name: /^Save and next/ })).toHaveAttribute('aria-disabled', 'true');
  await page.getByLabel('Why?').fill('A drawing, no photograph');
  const answer = page.waitForResponse((one) => one.url().endsWith('/submit'));
  await page.getByRole('button', { name: /^Save and next/ }).click();
  expect((await answer).status()).toBe(200);
  await expect(page.getByText(/^Nothing waits for you in/)).toBeVisible();
  await leave(page);

  const admin = await (await browser.newContext()).newPage();
  await signIn(admin, loginOf('admin'));
  const { results } = await call<{ results: Row[] }>(admin, 'GET', `/datasets/${project.id}/images`);
  expect(results.filter((row) => row.verdict_reason === 'A drawing, no photograph')).toHaveLength(1);
  await admin.context().close();
});
