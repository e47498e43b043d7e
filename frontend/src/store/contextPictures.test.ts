import { describe, expect, it } from 'vitest';

import { ContextPictures, contextUrl } from './contextPictures';

const settle = (): Promise<void> => new Promise((done) => setTimeout(done));

function contexts(fails = false): { asked: string[]; released: string[]; pictures: ContextPictures } {
  const asked: string[] = [];
  const released: string[] = [];
  const pictures = new ContextPictures(async (url) => {
    asked.push(url);
    await Promise.resolve();
    if (fails) throw new Error('offline');
    return {
      source: {} as ImageBitmap,
      width: 256,
      height: 256,
      address: `blob:${url}`,
      release: () => void released.push(url),
    };
  });
  return { asked, released, pictures };
}

describe('whole photographs in the corner', () => {
  it('are asked for small', () => {
    const image = { id: 7, width: 10, height: 10, url: '/api/v1/images/7/file?side=1024' };
    expect(contextUrl({ image })).toBe('/api/v1/images/7/file?side=256');
  });

  it('are loaded once for all faces on them', async () => {
    const { asked, pictures } = contexts();
    pictures.prepare('a');
    expect(pictures.address('a')).toBeNull();
    await settle();
    expect(pictures.address('a')).toBe('blob:a');
    expect(asked).toEqual(['a']);
  });

  it('are freed when four others were asked for since', async () => {
    const { released, pictures } = contexts();
    for (const url of ['a', 'b', 'c', 'd']) pictures.prepare(url);
    await settle();
    pictures.address('a');
    pictures.prepare('e');
    expect(released).toEqual(['b']);
  });

  it('say that they could not be loaded', async () => {
    const { pictures } = contexts(true);
    pictures.prepare('a');
    await settle();
    expect([pictures.hasFailed('a'), pictures.address('a')]).toEqual([true, null]);
  });
});
