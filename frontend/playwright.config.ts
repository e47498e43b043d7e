import { defineConfig } from '@playwright/test';

const address = process.env.E2E_BASE_URL;
if (!address) {
  throw new Error(
    'The browser tests need a server: `make e2e` starts one and sets E2E_BASE_URL and E2E_LOGINS.',
  );
}

export default defineConfig({
  testDir: 'e2e',
  // One queue of work on one server: tests that label must not take each other's faces.
  workers: 1,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: true,
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    baseURL: address,
    viewport: { width: 1280, height: 800 },
    // A recording of every step costs time; the page as it was is kept with each failure anyway.
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
  },
});
