import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { Chat } from './chat.ts';
import { holdsSecret, Watch } from './watch.ts';

/** The example site with the chat under /chat/, as its own process. */
interface Site {
  base: string;
  password: (name: string) => string;
}

const test = base.extend<{ site: Site; visitor: () => Promise<Page> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants to see the fixtures that it depends on
  site: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-site-'));
    const binary = join(folder, 'site');
    const repository = join(import.meta.dirname, '..', '..');
    execFileSync('go', ['build', '-o', binary, './examples/inside-my-site'], { cwd: repository, stdio: 'pipe' });
    const child: ChildProcess = spawn(binary, ['-addr', '127.0.0.1:0', '-data', join(folder, 'data')]);
    let said = '';
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    try {
      await expect
        .poll(() => said, { message: 'the site says where it is', timeout: 20_000 })
        .toMatch(/open http:\S+\n/);
      await use({
        base: /open (\S+)/.exec(said)?.[1] ?? '',
        password: (name) => new RegExp(`sign in as ${name} with the password (\\S+)`).exec(said)?.[1] ?? '',
      });
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect((await ended)[0], `the site's exit status; its log:\n${log.slice(-4000)}`).toBe(0);
      expect(log).not.toMatch(/panic:/);
      expect(log.split('\n').filter(holdsSecret)).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  },

  visitor: async ({ browser, site }, use) => {
    const open: { context: BrowserContext; watch: Watch }[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: site.base });
      open.push({ context, watch: await Watch.over(context) });
      return context.newPage();
    });
    for (const { context, watch } of open) {
      await context.close();
      watch.check(site.base);
    }
  },
});

/** Signs in with the site's own form, which the page has to be at. */
async function signIn(page: Page, site: Site, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(site.password(name));
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('people of a site chat in it, and who signs out there is out of the chat at once', async ({ site, visitor }) => {
  const [anns, bobs] = [await visitor(), await visitor()];

  // Whoever is not signed in is sent to the site's form, and comes back to the room.
  await anns.goto('/chat/rooms/help');
  await expect(anns).toHaveURL(/\/login\?next=%2Fchat%2Frooms%2Fhelp$/);
  await signIn(anns, site, 'ann');
  const ann = new Chat(anns);
  await ann.showsRoom('help');
  await ann.connected();
  expect(new URL(anns.url()).pathname).toBe('/chat/rooms/help');

  // Nothing here offers what is the site's.
  await ann.account.click();
  await expect(anns.getByRole('menuitem', { name: 'Settings' })).toBeVisible();
  await expect(anns.getByRole('menuitem', { name: 'Sign out' })).toHaveCount(0);
  await anns.keyboard.press('Escape');
  await expect(anns.getByRole('button', { name: 'Invite people' })).toHaveCount(0);
  await anns.goto('/chat/signin');
  await ann.connected();
  await expect(anns.getByLabel('Password')).toHaveCount(0);

  await bobs.goto('/login?next=/chat');
  await signIn(bobs, site, 'bob');
  await expect(bobs).toHaveURL(/\/chat\//);
  const bob = new Chat(bobs);
  await bob.switchTo('general');
  await bob.connected();
  await ann.switchTo('general');
  await ann.say('general', 'the leeks are in');
  await bob.hears('general', 'the leeks are in');
  await bob.say('general', 'two pounds, please');
  await ann.hears('general', 'two pounds, please');

  // bob signs out in another tab, at the site, which has heard what was said last.
  const home = await bobs.context().newPage();
  await home.goto('/');
  await expect(home.getByText('two pounds, please')).toBeVisible();
  await home.getByRole('button', { name: 'Sign out bob' }).click();
  await expect(bobs.getByRole('heading', { name: 'You have been signed out' })).toBeVisible();
  await expect(bob.message('general', 'two pounds, please')).toHaveCount(0);
  await bobs.getByRole('button', { name: 'Sign in again' }).click();
  await expect(bobs).toHaveURL(/\/login\?next=%2Fchat%2Frooms%2Fgeneral$/);
  await signIn(bobs, site, 'bob');
  await bob.hears('general', 'the leeks are in');
  await ann.connected();
});
