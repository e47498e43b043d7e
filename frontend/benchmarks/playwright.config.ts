import { defineConfig } from '@playwright/test';

const address = process.env.E2E_BASE_URL;
if (!address) throw new Error('Started by `python -m benchmarks.cockpit`, which has a server for it.');

export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  workers: 1,
  timeout: 840_000,
  expect: { timeout: 30_000 },
  reporter: 'line',
  use: {
    baseURL: address,
    viewport: { width: 1280, height: 720 },
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--js-flags=--expose-gc'],
    },
  },
});
