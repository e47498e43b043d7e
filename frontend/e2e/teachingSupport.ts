import { expect, type Browser, type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';

import { ALL_SHOWN, call, loginOf, signIn } from './adminSupport';
import { makeProject, type Project } from './cockpitSupport';

interface Labels {
  age: number | null;
  gender: string | null;
  ethnicity: string | null;
  landmarks: unknown;
}

interface Item {
  id: number;
  lease: { token: string };
  face: { id: number; base_revision: number; labels: Labels };
}

/** Nobody checks again: what an annotator saves is accepted. */
const ACCEPTED_AT_ONCE = { ...ALL_SHOWN, checks: 0 };
const SCENES = ['scene-01', 'scene-02', 'scene-04', 'scene-06', 'scene-09', 'scene-03'].map(
  (name) => `${name}.jpg`,
);

/** Save everything that this person is handed of a dataset, as it is pre-labelled; the faces' numbers. */
async function labelAll(page: Page, project: Project): Promise<number[]> {
  const done: number[] = [];
  for (;;) {
    const { items } = await call<{ items: Item[] }>(page, 'POST', `/datasets/${project.id}/work/claim`, {
      count: 20,
      kinds: ['annotate'],
    });
    if (items.length === 0) return done;
    for (const item of items) {
      const { labels } = item.face;
      await call(page, 'POST', `/work/${item.id}/submit`, {
        submission_id: randomUUID(),
        token: item.lease.token,
        base_revision: item.face.base_revision,
        verdict: 'save',
        labels: { ...labels, age: 30 + done.length, gender: labels.gender ?? 'female', ethnicity: 'white' },
        comment: '',
        active_ms: 1000,
      });
      done.push(item.face.id);
    }
  }
}

/**
 * A dataset in which annotator1 finished some faces, and annotator2 and annotator3 have not begun. `lessons`: how many
 * of the faces make its tutorial.
 */
export async function makeTaughtProject(
  browser: Browser,
  title: string,
  lessons: number,
  policy: Readonly<Record<string, unknown>> = {},
): Promise<Project & { faces: number[] }> {
  const project = await makeProject(
    browser,
    title,
    SCENES,
    { annotator1: 'annotator', annotator2: 'annotator', annotator3: 'annotator' },
    { ...ACCEPTED_AT_ONCE, ...policy },
  );
  const first = await (await browser.newContext()).newPage();
  await signIn(first, loginOf('annotator1'));
  const faces = await labelAll(first, project);
  await first.context().close();
  expect(faces.length).toBeGreaterThanOrEqual(5);
  if (lessons > 0) {
    const admin = await (await browser.newContext()).newPage();
    await signIn(admin, loginOf('admin'));
    const made = await call<{ made: number }>(admin, 'POST', `/datasets/${project.id}/tutorial/faces`, {
      choose: lessons,
    });
    expect(made.made).toBe(lessons);
    await admin.context().close();
  }
  return { ...project, faces };
}
