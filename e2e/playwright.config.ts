import process from 'node:process';
import { defineConfig } from '@playwright/test';

const root = process.getuid?.() === 0;

export default defineConfig({
  testDir: './page',
  outputDir: './test-results',
  globalSetup: './page/build.ts',
  fullyParallel: true,
  workers: 3, // on two cores: each of them waits a third of its time
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: 'line',
  timeout: 120_000,
  globalTimeout: (process.env.PARLEY_SOAK ? 60 : 25) * 60_000, // for what hangs: twice what it takes beside the tests of Go
  expect: { timeout: 30_000 }, // patience with a busy machine, not a measure of speed
  use: {
    browserName: 'chromium',
    locale: 'en-GB',
    timezoneId: 'UTC',
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 30_000,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.PARLEY_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--disable-gpu', '--disable-background-networking', ...(root ? ['--no-sandbox'] : [])],
    },
  },
});
