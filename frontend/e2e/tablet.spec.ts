import { expect, test, type Browser, type CDPSession, type Page } from '@playwright/test';
import { loginOf, signIn, watchFaults } from './adminSupport';
import {
  expectSaved,
  leave,
  makeProject,
  onScreen,
  ready,
  selectedPoint,
  viewOf,
  type Project,
} from './cockpitSupport';

// Labelling with fingers on a tablet, and on the smallest laptop: no keyboard is touched on the tablet.
test.describe.configure({ mode: 'serial' });

let project: Project;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(180_000);
  project = await makeProject(browser, 'Tablets', ['astronaut.png', 'scene-01.jpg', 'scene-04.jpg'], {
    annotator3: 'annotator',
  });
});

async function openOn(
  browser: Browser,
  device: { width: number; height: number; touch: boolean },
  kind: string,
): Promise<Page> {
  const { width, height, touch } = device;
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: touch, isMobile: touch });
  const page = await context.newPage();
  await signIn(page, loginOf('annotator3'));
  await page.goto(`/d/${project.slug}/work?kind=${kind}`);
  await ready(page);
  return page;
}

const TABLET = { width: 1024, height: 768, touch: true } as const;
const LAPTOP = { width: 1280, height: 720, touch: false } as const;

type Fingers = readonly { x: number; y: number }[];

/** Real touches, one after the other, through the browser's own input. */
async function touch(session: CDPSession, moments: readonly Fingers[]): Promise<void> {
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', fingers: Fingers): Promise<unknown> =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: fingers.map((finger, id) => ({ ...finger, id })),
    });
  for (const [i, fingers] of moments.entries()) await send(i === 0 ? 'touchStart' : 'touchMove', fingers);
  await send('touchEnd', []);
}

for (const kind of ['annotate', 'sweep']) {
  for (const device of [TABLET, LAPTOP]) {
    test(`it fits ${device.width} × ${device.height}: ${kind}`, async ({ browser }) => {
      const page = await openOn(browser, device, kind);
      const faults = watchFaults(page);
      const root = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        height: document.documentElement.scrollHeight,
      }));
      expect(root.width).toBeLessThanOrEqual(device.width);
      expect(root.height).toBeLessThanOrEqual(device.height);
      for (const name of [/^Save and next/, /^Skip/, /^Undo/, /^Redo/, 'Zoom in', /^Picture/]) {
        await expect(page.getByRole('button', { name }).first()).toBeInViewport({ ratio: 1 });
      }
      const last = page.locator('.work aside button').last();
      await last.scrollIntoViewIfNeeded();
      await expect(last).toBeInViewport({ ratio: 1 });
      const sideways = await page
        .locator('.work aside')
        .evaluate((panel) => panel.scrollWidth > panel.clientWidth);
      expect(sideways).toBe(false);
      const stage = await page.locator('canvas').boundingBox();
      expect(stage?.height).toBeGreaterThan(0.8 * device.height);
      expect(faults).toEqual([]);
      await leave(page);
    });
  }
}

test('it zooms and moves the photograph with two fingers, and fits it by a button', async ({ browser }) => {
  const page = await openOn(browser, TABLET, 'annotate');
  const session = await page.context().newCDPSession(page);
  const start = await viewOf(page);
  const box = await page.locator('canvas').boundingBox();
  if (!box) throw new Error('The stage is not there.');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await touch(session, [
    [{ x: x - 50, y }],
    [
      { x: x - 50, y },
      { x: x + 50, y },
    ],
    [
      { x: x - 75, y },
      { x: x + 75, y },
    ],
    [
      { x: x - 100, y },
      { x: x + 100, y },
    ],
  ]);
  const near = await viewOf(page);
  expect(near.scale / start.scale).toBeCloseTo(2, 1);
  expect(near.centre.x).toBeCloseTo(start.centre.x, 0);
  await touch(session, [
    [
      { x: x - 50, y },
      { x: x + 50, y },
    ],
    [
      { x: x - 20, y: y + 40 },
      { x: x + 80, y: y + 40 },
    ],
  ]);
  const moved = await viewOf(page);
  expect(moved.scale / near.scale).toBeCloseTo(1, 1);
  const by = Math.hypot(moved.centre.x - near.centre.x, moved.centre.y - near.centre.y) * near.scale;
  expect(by).toBeCloseTo(50, 0);
  await expect(page.getByRole('button', { name: /^Undo/ })).toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('button', { name: 'Fit', exact: true }).tap();
  expect((await viewOf(page)).scale).toBeCloseTo(start.scale, 5);
  await leave(page);
});

test('it drags a point with one finger, 20 pixels beside it, and takes that back by a button', async ({
  browser,
}) => {
  const page = await openOn(browser, TABLET, 'annotate');
  const session = await page.context().newCDPSession(page);
  await page.keyboard.press('Tab');
  for (let i = 0; i < 8; i += 1) await page.keyboard.press('Tab');
  const before = await selectedPoint(page);
  expect(before.index).toBe(8); // the chin: nothing else is near below it
  const at = await onScreen(page, before.x, before.y);
  await touch(session, [
    [{ x: at.x, y: at.y + 18 }],
    [{ x: at.x + 8, y: at.y + 24 }],
    [{ x: at.x + 20, y: at.y + 33 }],
  ]);
  const { scale } = await viewOf(page);
  const after = await selectedPoint(page);
  expect(Math.hypot(after.x - before.x, after.y - before.y) * scale).toBeCloseTo(25, 0);
  await page.getByRole('button', { name: /^Undo/ }).tap();
  expect(await selectedPoint(page)).toEqual(before);
  await leave(page);
});

test('it lets go of the point when a second finger comes', async ({ browser }) => {
  const page = await openOn(browser, TABLET, 'annotate');
  const session = await page.context().newCDPSession(page);
  await page.keyboard.press('Tab');
  const before = await selectedPoint(page);
  const undo = page.getByRole('button', { name: /^Undo/ });
  const undoable = await undo.getAttribute('aria-disabled'); // earlier steps of this face can be undone after a reload
  const at = await onScreen(page, before.x, before.y);
  await touch(session, [
    [at],
    [{ x: at.x + 15, y: at.y }],
    [
      { x: at.x + 15, y: at.y },
      { x: at.x + 150, y: at.y },
    ],
    [
      { x: at.x + 15, y: at.y },
      { x: at.x + 170, y: at.y },
    ],
  ]);
  expect(await selectedPoint(page)).toEqual(before);
  expect(await undo.getAttribute('aria-disabled')).toBe(undoable);
  await leave(page);
});

test('it labels a whole face with taps alone', async ({ browser }) => {
  const page = await openOn(browser, TABLET, 'annotate');
  const first = await page.locator('canvas').getAttribute('aria-label');
  await page.getByRole('slider', { name: /age/i }).fill('31');
  for (const name of [/^Female/, /^White/]) {
    const choice = page.getByRole('button', { name });
    if ((await choice.getAttribute('aria-pressed')) !== 'true') await choice.tap(); // else suggested already
    await expect(choice).toHaveAttribute('aria-pressed', 'true');
  }
  await page.getByRole('button', { name: /^Blurred/ }).tap();
  await expect(page.getByRole('button', { name: /^Blurred/ })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: /^Blurred/ }).tap();
  await page.getByRole('button', { name: /^Save and next/ }).tap();
  await expect(page.locator('canvas')).not.toHaveAttribute('aria-label', first ?? '');
  await expectSaved(page);
  await leave(page);
});
