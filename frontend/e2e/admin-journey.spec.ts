import { expect, test, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ALL_SHOWN, call, datasetId, expectAccessible, loginOf, rewritten, signIn } from './adminSupport';

// One dataset of its own, from nothing to a release: the steps build on each other.
test.describe.configure({ mode: 'serial' });

interface Item {
  id: number;
  lease: { token: string };
  face: { id: number; base_revision: number; labels: Record<string, unknown> } | null;
}

const name = `Journey ${Date.now()}`;
let page: Page;
let dataset: { id: number; slug: string };
let photograph: Buffer;

test.beforeAll(async ({ browser }) => {
  page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await signIn(page, loginOf('admin'));
  dataset = await call(page, 'POST', '/datasets', { name, policy: ALL_SHOWN });
  await page.reload();
  const { results } = await call<{ results: { id: number; name: string }[] }>(
    page,
    'GET',
    `/datasets/${await datasetId(page, 'demo')}/images?q=astronaut.png`,
  );
  const answer = await page.request.get(`/api/v1/images/${results[0]?.id}/file?side=1024`);
  photograph = await answer.body();
});
test.afterAll(async () => {
  await page.context().close();
});

test('it says what to do in an empty dataset', async () => {
  await page.goto(`/d/${dataset.slug}`);
  await expect(page.getByText('No images yet')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Import images' }).last().click();
  await expect(page.getByText('Drop photographs, a folder or a zip here')).toBeVisible();
});

test('it uploads files and reports each one', async () => {
  test.setTimeout(120_000);
  const again = await rewritten(page, photograph);
  await page.locator('input[type=file][multiple]').setInputFiles([
    { name: 'one.jpg', mimeType: 'image/jpeg', buffer: photograph },
    { name: 'same.jpg', mimeType: 'image/jpeg', buffer: photograph },
    { name: 'alike.jpg', mimeType: 'image/jpeg', buffer: again },
    { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') },
    { name: 'nothing.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(0) },
  ]);
  await page.getByLabel('Licence').fill('public domain');
  await page.getByRole('button', { name: 'Import 5 files' }).click();
  await expect(page).toHaveURL(/import\?import=\d+$/);
  const report = page.getByRole('region', { name: /^Import \d+$/ });
  await expect(report.getByText(/^done, /)).toBeVisible({ timeout: 60_000 });
  await expect(report.getByRole('button', { name: 'Imported 2' })).toBeVisible();
  await expect(report.getByRole('button', { name: 'Linked 1' })).toBeVisible();
  await report.getByRole('button', { name: 'Refused 2' }).click();
  const rows = report.getByRole('table').locator('tbody tr');
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: 'nothing.jpg' })).toContainText('empty');
  await expectAccessible(page);
});

test('it decides a near duplicate with one key', async () => {
  await page.goto(`/d/${dataset.slug}/duplicates`);
  await expect(page.getByText('1 to decide')).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('l');
  await expect(page.getByText('All pairs are decided')).toBeVisible();
});

test('it invites a person, shows the password once, and takes access away', async ({ browser }) => {
  const username = `guest-${Date.now()}`;
  await page.goto(`/d/${dataset.slug}/people`);
  await page.getByRole('button', { name: 'Invite a person' }).click();
  await page.getByLabel('User name').fill(username);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const note = page.getByLabel('One-time password');
  await expect(note).toBeVisible();
  const password = (await note.locator('code').textContent()) ?? '';
  await expectAccessible(page);
  await page.getByRole('button', { name: 'I have passed it on' }).click();
  await expect(note).toBeHidden();

  const context = await browser.newContext();
  const guest = await context.newPage();
  await signIn(guest, { username, password });
  expect((await guest.request.get(`/api/v1/datasets/${dataset.id}`)).status()).toBe(200);

  await page.getByRole('button', { name: `Deactivate ${username}` }).click();
  await expect(page.getByText(/loses access to this dataset at once/)).toBeVisible();
  await page.getByRole('button', { name: 'Deactivate', exact: true }).click();
  await expect(page.getByRole('button', { name: `Activate ${username}`, exact: true })).toBeVisible();
  expect((await guest.request.get(`/api/v1/datasets/${dataset.id}`)).status()).toBe(404);
  await context.close();
});

test('it changes the policy with the difference shown first', async () => {
  await page.goto(`/d/${dataset.slug}/policy`);
  await page.getByRole('button', { name: 'Change the policy' }).click();
  await page.getByLabel('Checks per face').fill('11');
  await expect(page.getByRole('alert').first()).toHaveText('Give a whole number from 0 to 10.');
  await page.getByLabel('Checks per face').fill('0');
  const row = page.getByRole('row', { name: /Checks per face/ });
  await expect(row).toContainText('2');
  await expect(row).toContainText('0');
  await expect(page.getByRole('button', { name: /^Publish version 2/ })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await page.getByLabel('Comment').fill('a small trial needs no checks');
  await expectAccessible(page);
  await page.getByRole('button', { name: /^Publish version 2/ }).click();
  await expect(page.getByRole('heading', { name: 'Version 2, in force' })).toBeVisible();
  await expect(page.getByText('a small trial needs no checks')).toBeVisible();
});

/** Labels the first waiting face over the API, as the browser would. */
async function labelOneFace(): Promise<number> {
  const claim = { count: 1, kinds: ['annotate'], have: [] };
  let item: Item | undefined;
  await expect(async () => {
    const got = await call<{ items: Item[] }>(page, 'POST', `/datasets/${dataset.id}/work/claim`, claim);
    item = got.items[0];
    expect(item?.face).toBeTruthy();
  }).toPass({ timeout: 60_000 });
  if (!item?.face) throw new Error('No face was handed out.');
  await call(page, 'POST', `/work/${item.id}/submit`, {
    submission_id: randomUUID(),
    token: item.lease.token,
    base_revision: item.face.base_revision,
    verdict: 'save',
    labels: { ...item.face.labels, age: 38, gender: 'female', ethnicity: 'white' },
  });
  return item.face.id;
}

test('it shows an accepted face with its versions and reopens it with a reason', async () => {
  test.setTimeout(120_000);
  const face = await labelOneFace();
  await page.goto(`/d/${dataset.slug}/faces/${face}`);
  await expect(page.getByText('Read-only: reopen it to change something.')).toBeVisible();
  await expect(page.getByText('38.0 years, SD –, 1 person')).toBeVisible();
  await page.getByRole('button', { name: /^Pre-label by/ }).click();
  await expect(page.getByRole('button', { name: /^Pre-label by/ })).toHaveAttribute('aria-pressed', 'true');
  await expectAccessible(page);
  await page.getByLabel('Reason').fill('the chin is off');
  await page.getByRole('button', { name: 'Reopen this face' }).click();
  await expect(page.getByText('Annotate: waits for a person.')).toBeVisible();
  await labelOneFace();
});

test('it compares two versions of a face and restores one to be checked again', async () => {
  test.setTimeout(120_000);
  const { results } = await call<{ results: { id: number }[] }>(
    page,
    'GET',
    `/datasets/${dataset.id}/faces?state=accepted`,
  );
  await page.goto(`/d/${dataset.slug}/faces/${results[0]?.id}`);
  await page
    .getByRole('button', { name: /^Compare with version/ })
    .last()
    .click();
  const table = page.getByRole('table', { name: 'Differences by part' });
  await expect(table.getByRole('row', { name: /^Ethnicity none white/ })).toBeVisible();
  await page
    .getByRole('button', { name: /^Restore version/ })
    .last()
    .click();
  const form = page.getByRole('form', { name: /^Restore version/ });
  await expect(form.getByText('The face stays accepted')).toBeVisible();
  await form.getByLabel('Reason').fill('the points were better');
  await form.getByRole('button', { name: 'Restore this version' }).click();
  await expect(form.getByRole('alert')).toContainText('This face still needs ethnicity');
  await form.getByLabel('Have it checked again in a new round').check();
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Restore and check again' }).click();
  await expect(page.getByText('Annotate: waits for a person.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Restored version by/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await labelOneFace();
});

test('it asks about a face and answers', async () => {
  const { results } = await call<{ results: { id: number }[] }>(
    page,
    'GET',
    `/datasets/${dataset.id}/faces?state=accepted`,
  );
  await page.goto(`/d/${dataset.slug}/faces/${results[0]?.id}`);
  await page.getByLabel('Ask about this face').fill('Is point 8 the chin?');
  await page.getByRole('button', { name: 'Ask' }).click();
  const asked = page.getByRole('article', { name: 'Question: Is point 8 the chin?' });
  await expect(asked).toBeVisible();
  await page.goto(`/d/${dataset.slug}/questions`);
  await asked.getByLabel('Add to your question').fill('I mean the lowest one.');
  await asked.getByRole('button', { name: 'Send' }).click();
  await expect(asked.getByText('I mean the lowest one.')).toBeVisible();
  await asked.getByRole('button', { name: 'Mark as resolved' }).click();
  await expect(asked.getByRole('button', { name: 'Open again' })).toBeVisible();
  await expectAccessible(page);
});

test('it makes a release and hands both downloads out', async () => {
  test.setTimeout(120_000);
  await page.goto(`/d/${dataset.slug}/releases`);
  await page.getByRole('button', { name: 'Make the first release' }).click();
  await page.getByLabel('Name').fill('trial');
  await page.getByRole('button', { name: 'Make the release' }).click();
  const card = page.getByRole('region', { name: 'Release 1' });
  await expect(card.getByText('Ready')).toBeVisible({ timeout: 60_000 });
  await card.getByText('Manifest: hashes, policy and counts').click();
  await expectAccessible(page);
  const native = page.waitForEvent('download');
  await card.getByRole('link', { name: 'Download native zip' }).click();
  expect(
    readFileSync(await (await native).path())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  const coco = page.waitForEvent('download');
  await card.getByRole('link', { name: 'Download COCO JSON' }).click();
  const content = JSON.parse(readFileSync(await (await coco).path(), 'utf8')) as { annotations: unknown[] };
  expect(content.annotations.length).toBeGreaterThan(0);
});

test('it wrote each of these steps into the audit', async () => {
  await page.goto(`/d/${dataset.slug}/audit`);
  const table = page.getByRole('table');
  for (const words of [/release/, /reopen/, /policy/, /member/, /import/]) {
    await expect(table.getByRole('row', { name: words }).first()).toBeVisible();
  }
});

test('it finds an action in the audit, saves it, and tells who saw which photograph', async () => {
  await page.goto(`/d/${dataset.slug}/audit`);
  await page.getByLabel('Did').selectOption('face restored');
  await expect(page.getByText('1 entry')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'All of these as CSV' }).click();
  const lines = readFileSync(await (await download).path(), 'utf8')
    .trim()
    .split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('face.restored');
  await page.getByRole('button', { name: 'Photographs viewed' }).click();
  await expect(page.getByRole('cell', { name: /^image \d+$/ }).first()).toBeVisible();
});
