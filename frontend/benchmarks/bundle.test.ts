import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { annotatorBundle } from './bundle';

const MOST_KB = 300;

describe('the production bundle', () => {
  it('stays below 300 kB gzipped for the annotator pages together', { timeout: 120_000 }, async () => {
    const files = await annotatorBundle(fileURLToPath(new URL('..', import.meta.url)));
    const names = files.map((one) => one.file).join(' ');
    for (const part of [
      'index-',
      'WorkPage-',
      'HomePage-',
      'MyWorkPage-',
      'zh-CN-',
      'tone.worker-',
      '.css',
    ]) {
      expect(names).toContain(part);
    }
    const kilobytes = files.reduce((sum, one) => sum + one.gzipped, 0) / 1000;
    process.stdout.write(
      `annotator pages: ${kilobytes.toFixed(1)} kB gzipped in ${files.length} files, most of it ` +
        `${files
          .slice(0, 4)
          .map((one) => `${one.file.replace('assets/', '')} ${(one.gzipped / 1000).toFixed(1)}`)
          .join(', ')}\n`,
    );
    expect(kilobytes).toBeLessThan(MOST_KB);
  });
});
