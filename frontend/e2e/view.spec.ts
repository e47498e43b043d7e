import { expect, test, type Page } from '@playwright/test';
import { watchFaults } from './adminSupport';
import {
  leave,
  makeProject,
  onScreen,
  openWork,
  ready,
  selectedPoint,
  viewOf,
  type Project,
} from './cockpitSupport';

// How the photograph is looked at: tone, zoom, moving it, the magnifier. Nothing of it changes a label.
test.describe.configure({ mode: 'serial' });

let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Views', ['astronaut.png', 'scene-01.jpg'], {
    annotator2: 'annotator',
  });
});

/** The pixels of the canvas now, without its overlays. */
async function photograph(page: Page): Promise<string> {
  await page.keyboard.down('Space');
  await page.evaluate(
    () => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))),
  );
  const shown = await page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  await page.keyboard.up('Space');
  return shown;
}

/** Mean level of the canvas's pixels in a square around its middle. */
async function brightness(page: Page): Promise<number> {
  return page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { width, height } = canvas;
    const copy = document.createElement('canvas');
    copy.width = copy.height = 100;
    const context = copy.getContext('2d');
    if (!context) throw new Error('no context');
    context.drawImage(canvas, width / 2 - 150, height / 2 - 150, 300, 300, 0, 0, 100, 100);
    const { data } = context.getImageData(0, 0, 100, 100);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += (data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0);
    return sum / (3 * 100 * 100);
  });
}

test('it brightens, equalises and resets by keys, says so, and remembers it', async ({ browser }) => {
  const page = await openWork(browser, 'annotator2', project, 'annotate');
  const faults = watchFaults(page);
  const plain = await photograph(page);
  const before = await brightness(page);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press(']');
  await expect(async () => {
    expect(await brightness(page)).toBeGreaterThan(before + 15);
  }).toPass();
  await expect(page.getByText('Brightness +30, contrast 0')).toBeAttached();
  await expect(page.getByRole('button', { name: 'Picture: adjusted' })).toBeVisible();
  const bright = await photograph(page);
  await page.keyboard.press('\\');
  await expect(page.getByText('Brightness +30, contrast 0, equalised')).toBeAttached();
  await expect(async () => {
    expect((await photograph(page)) === bright).toBe(false);
  }).toPass();

  await page.keyboard.press('\\');
  await expect(page.getByText('The photograph as it is', { exact: true })).toBeAttached();
  await expect(async () => {
    expect((await photograph(page)) === plain).toBe(true);
  }).toPass();

  await page.keyboard.press(']');
  await page.keyboard.press('\\');
  await page.reload();
  await ready(page);
  await page.getByRole('button', { name: 'Picture: adjusted' }).click();
  await expect(page.getByLabel('Brightness')).toHaveValue('10');
  await expect(page.getByRole('button', { name: /^Equalise/ })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'As it is' }).click();
  await page.getByLabel('Contrast').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByLabel('Contrast')).toHaveValue('5');
  await expect(page.getByLabel('Contrast')).toBeFocused();
  await page.getByRole('button', { name: 'As it is' }).click();
  await expect(page.getByRole('button', { name: /^Undo/ })).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('button', { name: 'Picture', exact: true }).click();
  await expect(page.getByLabel('Brightness')).toBeHidden();
  expect(faults).toEqual([]);
  await leave(page);
});

test('it shows the next face in the same tone at once', async ({ browser }) => {
  const page = await openWork(browser, 'annotator2', project, 'annotate');
  await page.keyboard.press('\\');
  await expect(page.getByText('Brightness 0, contrast 0, equalised')).toBeAttached();
  await page.keyboard.press('\\');
  await expect(page.getByText('The photograph as it is', { exact: true })).toBeAttached();
  await leave(page);
});

test('it moves the photograph by keys, by the wheel and by the middle button', async ({ browser }) => {
  const page = await openWork(browser, 'annotator2', project, 'annotate');
  const start = await viewOf(page);
  await page.keyboard.press('ArrowRight');
  const right = await viewOf(page);
  expect(
    Math.hypot(right.centre.x - start.centre.x, right.centre.y - start.centre.y) * start.scale,
  ).toBeCloseTo(48, 0);
  await page.keyboard.press('z');
  expect(await viewOf(page)).toEqual(start);

  const under = await onScreen(page, start.centre.x + 20, start.centre.y);
  await page.mouse.move(under.x, under.y);
  await page.mouse.wheel(0, -400);
  await expect(async () => {
    expect((await viewOf(page)).scale).toBeGreaterThan(start.scale * 1.5);
  }).toPass();
  const still = await onScreen(page, start.centre.x + 20, start.centre.y);
  expect(Math.hypot(still.x - under.x, still.y - under.y)).toBeLessThan(0.5);

  const zoomed = await viewOf(page);
  await page.mouse.down({ button: 'middle' });
  await page.mouse.move(under.x + 60, under.y - 30, { steps: 4 });
  await page.mouse.up({ button: 'middle' });
  const moved = await onScreen(page, start.centre.x + 20, start.centre.y);
  expect(moved.x - still.x).toBeCloseTo(60, 0);
  expect(moved.y - still.y).toBeCloseTo(-30, 0);
  expect((await viewOf(page)).scale).toBe(zoomed.scale);
  await leave(page);
});

test('it magnifies what lies under the hand in the corner opposite to it', async ({ browser }) => {
  const page = await openWork(browser, 'annotator2', project, 'annotate');
  await page.keyboard.press('Tab');
  const point = await selectedPoint(page);
  const from = await onScreen(page, point.x, point.y);
  const canvas = await page.locator('canvas').boundingBox();
  if (!canvas) throw new Error('The stage is not there.');
  const corner = (isRight: boolean): { x: number; y: number; width: number; height: number } => ({
    x: canvas.x + (isRight ? canvas.width - 148 : 12),
    y: canvas.y + 12,
    width: 136,
    height: 136,
  });
  const isLeftHand = from.x < canvas.x + canvas.width / 2;
  const clip = corner(isLeftHand);
  const empty = await page.screenshot({ clip });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 6, from.y + 4, { steps: 3 });
  await expect(async () => {
    expect((await page.screenshot({ clip })).equals(empty)).toBe(false);
  }).toPass();
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(await selectedPoint(page)).toEqual(point);
  await leave(page);
});
