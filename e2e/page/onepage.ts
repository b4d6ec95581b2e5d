import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BrowserContextOptions, test as base, expect, type Locator, type Page } from '@playwright/test';
import { Watch } from './watch.ts';

export { expect };

const repository = join(import.meta.dirname, '..', '..');

/** The page of examples/one-page-chat by what people see of it. */
export class OnePage {
  constructor(readonly page: Page) {}

  get email(): Locator {
    return this.page.getByLabel('E-mail');
  }

  get username(): Locator {
    return this.page.getByLabel('User name');
  }

  get join(): Locator {
    return this.page.getByRole('button', { name: 'Join the chat' });
  }

  get text(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  /** The message with exactly this text, as it is shown. */
  message(text: string): Locator {
    return this.log.getByRole('article').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  async enters(email: string, username: string): Promise<void> {
    await this.email.fill(email);
    await this.username.fill(username);
    await this.join.click();
    await expect(this.text).toBeFocused();
  }

  async says(text: string): Promise<void> {
    await this.text.fill(text);
    await this.text.press('Enter');
    await expect(this.text).toHaveValue('');
  }
}

interface Fixtures {
  /** The program of this test's own. */
  chat: { base: string; process: ChildProcess };
  /** Opens the page in a browser of its own, watched for what no visit may do. */
  visit: (options?: BrowserContextOptions) => Promise<OnePage>;
}

/** Builds the program once for each worker. */
export const test = base.extend<Fixtures, { binary: string }>({
  binary: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'one-page-chat-'));
      const binary = join(folder, 'one-page-chat');
      execFileSync('go', ['build', '-o', binary, './examples/one-page-chat'], { cwd: repository, stdio: 'pipe' });
      await use(binary);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],

  chat: async ({ binary }, use) => {
    const child = spawn(binary, ['-addr', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    await use({ base: line.replace('listening on ', ''), process: child });
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect((await ended)[0], 'exit status').toBe(0);
    }
  },

  visit: async ({ browser, chat }, use) => {
    const open: { close: () => Promise<void>; watch: Watch }[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ ...options, baseURL: chat.base });
      open.push({ close: () => context.close(), watch: await Watch.over(context) });
      const page = await context.newPage();
      await page.goto('/');
      return new OnePage(page);
    });
    for (const { close, watch } of open) {
      await close();
      watch.check(chat.base);
    }
  },
});
