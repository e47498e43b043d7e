import { expect, test, type Download, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { call, datasetId, expectAccessible, loginOf, signIn, watchFaults } from './adminSupport';
import { picture } from './cockpitSupport';

// The dataset “loop” that the browser tests' server was given (tests/browser/seed_loop.py): the steps build on it.
test.describe.configure({ mode: 'serial' });

interface Models {
  champion: number | null;
  versions: { id: number; number: number; sha256: string }[];
  promotions: { reason: string; is_rollback: boolean }[];
}
interface Run {
  id: number;
  number: number;
  state: string;
  release: number;
  stages: string[];
  steps: Record<string, { steps: number }>;
}

let page: Page;
let loop: number;

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ acceptDownloads: true, viewport: { width: 1280, height: 720 } });
  page = await context.newPage();
  await signIn(page, loginOf('admin'));
  loop = await datasetId(page, 'loop');
});
test.afterAll(async () => {
  await page.context().close();
});

const modelsNow = (): Promise<Models> => call<Models>(page, 'GET', `/datasets/${loop}/models`);
const textOf = async (saved: Download): Promise<string> => readFileSync(await saved.path(), 'utf8');

async function saved(button: Locator): Promise<Download> {
  const waiting = page.waitForEvent('download');
  await button.click();
  return waiting;
}

/** A picture for the guide, when `make screenshots` asks for them, with `top` below the bar. */
async function shoot(name: string, top?: Locator): Promise<void> {
  await top?.evaluate((element) => {
    scrollTo(0, element.getBoundingClientRect().top + scrollY - 54);
  });
  await picture(page, name);
}

test('it shows who pre-labels, every version and how that changed', async () => {
  const faults = watchFaults(page);
  await page.goto('/d/loop/models');
  await expect(page.getByRole('heading', { name: 'Who pre-labels now' })).toBeVisible();
  await expect(page.locator('.champion')).toContainText('m1');
  const versions = page.getByRole('table', { name: 'Versions of this dataset’s models' }).locator('tbody tr');
  await expect(versions).toHaveCount(2);
  await expect(versions.filter({ hasText: /^m1/ })).toContainText('91.2');
  const changes = page
    .getByRole('table', { name: 'Changes of the model that pre-labels' })
    .locator('tbody tr');
  await expect(changes.first()).toContainText('m2 → m1');
  await expect(changes.last()).toContainText('packaged → m1');
  await expect(changes.last()).toContainText('the gate');
  await shoot('models');
  expect(faults).toEqual([]);
});

test('it promotes with a reason and rolls back in one action', async () => {
  await page.goto('/d/loop/models');
  await expect(page.getByRole('button', { name: /^Promote m1/ })).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('button', { name: 'Promote m2' }).click();
  const promote = page.getByRole('form', { name: 'Promote m2' });
  await expect(promote.getByRole('button', { name: 'Promote' })).toHaveAttribute('aria-disabled', 'true');
  await promote.getByLabel('Reason').fill('tried on the harbour pictures');
  await expectAccessible(page);
  await promote.getByLabel('Reason').press('Enter');
  await expect(page.locator('.champion')).toContainText('m2');
  expect((await modelsNow()).champion).toBe(2);

  await page.getByRole('button', { name: 'Roll back to m1' }).click();
  await page.getByLabel('Reason').fill('misses old people');
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await expect(page.locator('.champion')).toContainText('m1');
  const now = await modelsNow();
  expect(now.champion).toBe(1);
  expect(now.promotions[0]).toMatchObject({ reason: 'misses old people', is_rollback: true });
});

test('it shows a model with its card and hands out its file', async () => {
  const { versions } = await modelsNow();
  const second = versions.find((one) => one.number === 2);
  await page.goto('/d/loop/models');
  await page.getByRole('link', { name: 'm2', exact: true }).first().click();
  await expect(page).toHaveURL(new RegExp(`/models/${second?.id}$`));
  await expect(page.getByRole('heading', { name: 'Intended use' })).toBeVisible();
  await expect(page.getByText('Not for identifying people')).toBeVisible();
  const file = await saved(page.getByRole('link', { name: 'Download the file' }));
  expect(file.suggestedFilename()).toBe(`loop-m2-${second?.sha256.slice(0, 8)}.pt`);
});

test('it says in words why the gate kept a model, per task and per group', async () => {
  await page.goto('/d/loop/models/training');
  await page.getByRole('link', { name: 'Run 2' }).click();
  const gate = page.getByRole('region', { name: 'Report of the promotion gate' });
  await expect(gate.getByText('Kept: not promoted')).toBeVisible();
  await expect(gate.getByText(/^Worse for faces aged 65\+: landmarks/)).toBeVisible();
  const old = page.getByRole('row', { name: /Age band 65\+/ });
  await expect(old.getByText('worse', { exact: true })).toBeVisible();
  await expect(
    page
      .getByRole('row', { name: /Age band 0-12/ })
      .getByText('not enough evidence')
      .first(),
  ).toBeVisible();
  await expect(page.getByRole('group', { name: /^Gain over m1: Finding faces/ })).toBeVisible();
  const csv = await textOf(
    await saved(page.getByRole('button', { name: 'Save the numbers of “Gain over m1” as CSV' })),
  );
  expect(csv).toContain('group,value,task,measure,n,challenger,champion,gain,low,high,verdict');
  expect(csv).toMatch(/age_band,65\+,landmarks,nme_interocular,\d+,.*,worse\r\n/);
  await shoot('gate', gate);
});

test('it draws the curves of each stage and logs the attempts', async () => {
  await page.goto('/d/loop/models/training');
  await page.getByRole('link', { name: 'Run 2' }).click();
  for (const stage of ['S2', 'S3', 'S4']) {
    await expect(page.getByRole('img', { name: new RegExp(`^Losses in ${stage}, latest:`) })).toBeVisible();
  }
  await expect(page.getByRole('group', { name: /^Detection AP, %, latest: S2 / })).toBeVisible();
  const log = page.getByRole('region', { name: 'Log of attempts' });
  await expect(log.getByRole('heading', { name: '3 attempts' })).toBeVisible();
  await expect(log.getByText('resumed, S3')).toBeVisible();
  const svg = await textOf(await saved(page.getByRole('button', { name: 'Save “Losses in S3” as SVG' })));
  expect(svg).toMatch(/^<\?xml.*<svg xmlns=.*<path /s);
});

test('it explains which stages fit together, starts a run and stops it', async () => {
  await page.goto('/d/loop/models/training');
  await page.getByRole('button', { name: 'Start a run' }).click();
  const form = page.getByRole('form', { name: 'Start a training run' });
  await expect(form.getByText('Freeze one now: 240 accepted faces')).toBeAttached();
  await form.getByLabel('Release').selectOption('2');
  await form.getByLabel('These stages').check();
  await form.getByRole('checkbox', { name: /^S1/ }).uncheck();
  await form.getByRole('checkbox', { name: /^S2/ }).check();
  await expect(form.getByRole('alert')).toContainText('choose S3 and S4 with it');
  await expect(form.getByRole('button', { name: 'Start the run' })).toHaveAttribute('aria-disabled', 'true');
  await form.getByRole('checkbox', { name: /^S3/ }).check();
  await form.getByRole('checkbox', { name: /^S4/ }).check();
  await form.getByText('Steps of each stage').click();
  await form.getByLabel('S3, steps').fill('25');
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Start the run' }).click();
  await expect(page).toHaveURL(/\/models\/training\/\d+$/);
  const id = Number(/(\d+)$/.exec(page.url())?.[1]);
  const run = await call<Run>(page, 'GET', `/training-runs/${id}`);
  expect(run).toMatchObject({ release: 2, stages: ['S2', 'S3', 'S4'], steps: { S3: { steps: 25 } } });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(
    page.getByRole('region', { name: 'The run' }).getByText('Cancelled', { exact: true }),
  ).toBeVisible();
  expect((await call<Run>(page, 'GET', `/training-runs/${id}`)).state).toBe('cancelled');
});

test('it keeps when runs start by themselves', async () => {
  await page.goto('/d/loop/models/training');
  const form = page.getByRole('form', { name: 'Runs that start by themselves' });
  await form.getByLabel('After newly accepted faces').fill('100000');
  await form.getByLabel('Every so many hours').fill('500');
  await form.getByRole('checkbox', { name: /^Promote what the gate finds better/ }).uncheck();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Saved')).toBeVisible();
  await page.reload();
  await expect(form.getByLabel('Every so many hours')).toHaveValue('500');
  await expect(form.getByRole('checkbox', { name: /^Promote what the gate finds better/ })).not.toBeChecked();
});

test('it plots what a face costs by the model of its pre-label', async () => {
  await page.goto('/d/loop/models/economy');
  const edits = page.getByRole('group', { name: /^Edits per accepted face: packaged: / });
  await expect(edits).toHaveAccessibleName(/; m1: .*; m2: /);
  const csv = await textOf(
    await saved(page.getByRole('button', { name: 'Save the numbers of “Landmark distance” as CSV' })),
  );
  expect(csv.split('\r\n')).toHaveLength(1 + 3 * 5 + 1);
  const blind = page.getByRole('table', { name: 'Blind against shown faces' });
  await expect(blind.getByRole('row', { name: /^Edits per face/ })).toContainText('16');
  const all = await textOf(await saved(page.getByRole('link', { name: 'All numbers as CSV' })));
  expect(all).toMatch(/^made_by,/);
  await shoot('economy');
  await page.getByRole('button', { name: '4 weeks' }).click();
  await expect(page).toHaveURL(/weeks=4$/);
  await expectAccessible(page);
});
