import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

interface Login {
  username: string;
  password: string;
  role: string;
}

/** A policy for datasets whose pictures must all get pre-labels that people see: none for testing, none blind. */
export const ALL_SHOWN = { test_share: 0, blind_share: 0 };

/** The demo log-in of this name, as the server printed it. */
export function loginOf(username: string): Login {
  const file = process.env.E2E_LOGINS;
  if (!file) throw new Error('E2E_LOGINS names no file: `make e2e` sets it.');
  const found = (JSON.parse(readFileSync(file, 'utf8')) as Login[]).find((one) => one.username === username);
  if (!found) throw new Error(`There is no demo log-in for ${username}.`);
  return found;
}

export async function signIn(page: Page, login: { username: string; password: string }): Promise<void> {
  await page.goto('/sign-in/');
  await page.fill('input[name=username]', login.username);
  await page.fill('input[name=password]', login.password);
  await page.click('button[type=submit]');
  await page.waitForURL((address) => !address.pathname.startsWith('/sign-in'));
}

/** A call below /api/v1 as the person signed in on this page; fails the test on an error answer. */
export async function call<T>(page: Page, method: string, path: string, data?: unknown): Promise<T> {
  const cookies = await page.context().cookies();
  const token = cookies.find((cookie) => cookie.name === 'jfa_csrf')?.value ?? '';
  const answer = await page.request.fetch(`/api/v1${path}`, {
    method,
    headers: { 'X-CSRFToken': token },
    ...(data === undefined ? {} : { data }),
  });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return (answer.status() === 204 ? undefined : await answer.json()) as T;
}

/** The id of a dataset by the name in its address. */
export async function datasetId(page: Page, slug: string): Promise<number> {
  const { results } = await call<{ results: { id: number; slug: string }[] }>(page, 'GET', '/datasets');
  const found = results.find((one) => one.slug === slug);
  if (!found) throw new Error(`There is no dataset ${slug}.`);
  return found.id;
}

/** Fails with the rule and the element of each fault that axe finds (WCAG 2.2 A and AA). */
export async function expectAccessible(page: Page): Promise<void> {
  // What is half under the bar at the top would count as too small a target, a colour on its way to another as faint.
  await page.evaluate(async () => {
    window.scrollTo(0, 0);
    const passing = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(passing.map((one) => one.finished));
  });
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const faults = violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
  );
  expect(faults).toEqual([]);
}

/** What goes wrong behind a page: script errors, and answers that are errors. Read it at the end of a test. */
export function watchFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
  });
  return faults;
}

/** The same photograph, smaller and written anew: other bytes, the same look. */
export async function rewritten(page: Page, jpeg: Buffer): Promise<Buffer> {
  const base64 = await page.evaluate(async (source) => {
    const bytes = Uint8Array.from(atob(source), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(bitmap.width * 0.8);
    canvas.height = Math.round(bitmap.height * 0.8);
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/jpeg', 0.7).split(',')[1] ?? '';
  }, jpeg.toString('base64'));
  return Buffer.from(base64, 'base64');
}
