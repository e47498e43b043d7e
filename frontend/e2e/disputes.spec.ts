import { expect, test, type Browser, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';

import type { Item, Labels, Submitted } from '../src/api/types';
import { ALL_SHOWN, call, expectAccessible, loginOf, signIn } from './adminSupport';
import { leave, makeProject, openWork, picture, type Project } from './cockpitSupport';

// Three people differ about a face; an adjudicator merges their versions by part, and sends another face back.
test.describe.configure({ mode: 'serial' });

let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(
    browser,
    'Disputes',
    ['astronaut.png', 'astronaut-mirrored.jpg'],
    {
      annotator1: 'annotator',
      annotator2: 'annotator',
      annotator3: 'annotator',
      adjudicator: 'adjudicator',
    },
    {
      ...ALL_SHOWN,
      checks: 1,
      checks_max: 2,
      on_disagreement: 'another_check',
      blind_in_checks: ['gender'],
      region_nme_max: { eyes: 0.03 },
    },
  );
});

async function signedIn(browser: Browser, username: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, loginOf(username));
  return page;
}

/** The labels with every point moved, as another person might place them. */
function moved(labels: Labels, dx: number, dy: number, changes: Partial<Labels> = {}): Labels {
  return {
    ...labels,
    landmarks: labels.landmarks?.map((point) => point && [point[0] + dx, point[1] + dy]) ?? null,
    ...changes,
  };
}

/** Works on all the items of a kind that wait for this person, over the API. */
async function workThrough(
  browser: Browser,
  username: string,
  kind: string,
  answer: (labels: Labels) => Labels,
): Promise<Submitted[]> {
  const page = await signedIn(browser, username);
  const { items } = await call<{ items: Item[] }>(page, 'POST', `/datasets/${project.id}/work/claim`, {
    count: 5,
    kinds: [kind],
    have: [],
  });
  const answers: Submitted[] = [];
  for (const item of items) {
    if (!item.face) throw new Error('An item of a face was expected.');
    answers.push(
      await call<Submitted>(page, 'POST', `/work/${item.id}/submit`, {
        submission_id: randomUUID(),
        token: item.lease.token,
        base_revision: item.face.base_revision,
        verdict: 'save',
        labels: answer(item.face.labels),
      }),
    );
  }
  await page.context().close();
  return answers;
}

const boxOf = ([x1, y1, x2, y2]: Labels['box'], grow: number): Labels['box'] => [
  x1,
  y1,
  x2 + grow,
  y2 + grow,
];

test('it asks a checker blind and shows nobody\u2019s answer', async ({ browser }) => {
  const made = await workThrough(browser, 'annotator1', 'annotate', (labels) => ({
    ...labels,
    age: 30,
    gender: 'female',
    ethnicity: 'white',
  }));
  expect(made.map((one) => one.state)).toEqual(['checking', 'checking']);
  const page = await openWork(browser, 'annotator2', project, 'check');
  await expect(page.getByText('Asked blind: gender.')).toBeVisible();
  const gender = page.getByRole('region', { name: 'Gender' });
  await expect(gender.getByRole('button', { pressed: true })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Labels to check' })).not.toContainText('Gender');
  await expectAccessible(page);
  await page.keyboard.type('33');
  await page.keyboard.press('w');
  await expect(gender.getByRole('button', { pressed: true })).toHaveText(/Female/);
  await expect(page.getByRole('button', { name: /^Accept and next/ })).toBeVisible();
  await picture(page, 'check-blind');
  await leave(page);
});

test('it draws three versions and puts them together by part with the keys', async ({ browser }) => {
  const second = await workThrough(browser, 'annotator2', 'check', (labels) =>
    moved(labels, 9, 4, { age: 33, gender: 'male', box: boxOf(labels.box, 8) }),
  );
  expect(second.map((one) => one.state)).toEqual(['checking', 'checking']);
  const third = await workThrough(browser, 'annotator3', 'check', (labels) =>
    moved(labels, -8, 5, { age: 41, gender: 'female', ethnicity: 'asian', flags: [] }),
  );
  expect(third.map((one) => one.state)).toEqual(['disputed', 'disputed']);

  const judge = await openWork(browser, 'adjudicator', project, 'adjudicate');
  for (const letter of ['A', 'B', 'C']) await expect(judge.getByText(`Person ${letter}`)).toBeVisible();
  const parts = judge.getByRole('region', { name: 'Where they differ' });
  await expect(parts.getByRole('listitem').filter({ hasText: 'Eyes' })).toContainText('up to');
  await expectAccessible(judge);
  await picture(judge, 'adjudicate');

  await judge.locator('canvas').focus();
  await judge.keyboard.press('m');
  await expect(parts.locator('[aria-current]')).toContainText('Box');
  await judge.keyboard.press('b'); // the box of B; on to the jaw
  await expect(judge.getByRole('button', { name: /^Box of B/ })).toHaveAttribute('aria-pressed', 'true');
  await judge.keyboard.press('c');
  await expect(judge.getByRole('button', { name: /^Jaw of C: as now/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expect(judge.getByRole('button', { name: /^Eyes of A: as now/ })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await judge.keyboard.press('m');
  await judge.keyboard.press('Alt+C');
  await expect(judge.getByRole('checkbox', { name: 'Person C' })).not.toBeChecked();
  await judge.getByRole('button', { name: /^Gender of B: male/ }).click();
  await judge.keyboard.press('Shift+A');
  await expect(judge.getByRole('button', { name: /^Box of A/ })).toHaveAttribute('aria-pressed', 'true');
  await judge.keyboard.press('Control+z');
  await expect(judge.getByRole('button', { name: /^Box of B/ })).toHaveAttribute('aria-pressed', 'true');
  await judge.keyboard.type('37');
  const answer = judge.waitForResponse((one) => one.url().endsWith('/submit'));
  await judge.keyboard.press('Enter');
  const decided = (await (await answer).json()) as Submitted;
  expect(decided.state).toBe('accepted');
  const face = await call<{ current: { labels: Labels } } & Record<string, unknown>>(
    judge,
    'GET',
    `/faces/${decided.face_id ?? 0}`,
  );
  expect(JSON.stringify(face)).toContain('"male"');
  await leave(judge);
});

test('it sends a face back, and its author reads why', async ({ browser }) => {
  const judge = await openWork(browser, 'adjudicator', project, 'adjudicate');
  await judge.keyboard.press('u');
  await judge.keyboard.press('1');
  await expectAccessible(judge);
  const answer = judge.waitForResponse((one) => one.url().endsWith('/submit'));
  await judge.keyboard.press('Enter');
  expect(((await (await answer).json()) as Submitted).state).toBe('waiting');
  await leave(judge);

  const author = await openWork(browser, 'annotator1', project, 'annotate');
  await expect(author.getByText('Sent back: Place the landmarks again')).toBeVisible();
  await picture(author, 'sent-back');
  await leave(author);
});

test('it reports agreement, and combines accepted labels again', async ({ browser }) => {
  const admin = await signedIn(browser, 'admin');
  await admin.goto(`/d/${project.slug}/agreement`);
  await expect(admin.getByRole('heading', { name: 'By pair of people' })).toBeVisible();
  await expect(admin.getByText(/Nobody was asked for landmarks and ethnicity blind/)).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Corrections of what was shown' }).click();
  await expect(admin.getByText('Box overlap').first()).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Count what would change' }).click();
  await expect(admin.getByText('Would get a new version')).toBeVisible({ timeout: 30_000 });
  await picture(admin, 'agreement');
  await admin.getByRole('button', { name: 'Combine…' }).click();
  await admin.getByLabel('Reason').fill('first aggregation of the trial');
  await admin.getByRole('button', { name: 'Combine', exact: true }).click();
  const made = admin.getByText(/^Aggregation \d+$/);
  await expect(made).toBeVisible({ timeout: 30_000 });
  await made.click();
  await admin.getByRole('button', { name: 'Take back…' }).click({ timeout: 30_000 });
  await admin.getByLabel('Reason').fill('only a trial');
  await admin.getByRole('button', { name: 'Take back', exact: true }).click();
  await expect(admin.getByText(/taken back/)).toBeVisible({ timeout: 30_000 });
  await admin.context().close();
});

test('it warns of a policy that the team is too small for', async ({ browser }) => {
  const admin = await signedIn(browser, 'admin');
  await admin.goto(`/d/${project.slug}/policy`);
  await admin.getByRole('button', { name: 'Change the policy' }).click();
  await admin.getByLabel('Checks per face').fill('6');
  await expect(admin.getByText(/This team has 5 active people; a face needs 7/)).toBeVisible();
  await admin.getByRole('button', { name: 'Fill in proportion' }).click();
  await expect(admin.getByLabel('Jaw')).toHaveValue('0.071');
  await expectAccessible(admin);
  await picture(admin, 'policy');
  await admin.context().close();
});
