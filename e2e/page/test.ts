import { writeFile } from 'node:fs/promises';
import { type BrowserContext, type BrowserContextOptions, test as base, expect } from '@playwright/test';
import { Person } from './people.ts';
import { Server } from './server.ts';
import { holdsSecret, Watch } from './watch.ts';

export { expect };

export const password = 'correct horse battery';

interface Options {
  /** Flags of the server, besides its address and its folder. */
  flags: string[];
}

interface Fixtures {
  /** A server of this test's own, in a fresh folder. It has to end well. */
  server: Server;
  /** Opens a browser of its own (a context), watched for what no visit may do. */
  browserFor: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** ann, who has set the workspace up, over REST. */
  ann: Person;
  /** Adds somebody by an invitation of ann's, over REST. */
  joins: (name: string) => Promise<Person>;
}

export const test = base.extend<Options & Fixtures>({
  flags: [[], { option: true }],

  server: async ({ flags }, use, info) => {
    const server = await Server.start(flags);
    await use(server);
    try {
      await server.close();
      expect(server.log, 'the log').not.toMatch(/panic:/);
      expect(server.log.split('\n').filter(holdsSecret), 'lines of the log with a token in them').toEqual([]);
    } finally {
      if (info.status !== info.expectedStatus) await writeFile(info.outputPath('server.log'), server.log);
    }
  },

  browserFor: async ({ browser, server }, use) => {
    const open: { context: BrowserContext; watch: Watch; base: string }[] = [];
    await use(async (options) => {
      const base = options?.baseURL ?? server.base;
      const context = await browser.newContext({ ...options, baseURL: base });
      open.push({ context, watch: await Watch.over(context), base });
      return context;
    });
    for (const { context, watch, base } of open) {
      await context.close();
      watch.check(base);
    }
  },

  ann: async ({ server, browserFor }, use) => {
    const ann = new Person('ann', password, server, await browserFor());
    await ann.post('/api/auth/register', { name: 'ann', password, setup: await server.setupCode() });
    await use(ann);
  },

  joins: async ({ server, ann, browserFor }, use) => {
    await use(async (name) => {
      const person = new Person(name, password, server, await browserFor());
      const { code } = await ann.invites({ max_uses: 1 });
      await person.post('/api/auth/register', { name, password, invite: code });
      return person;
    });
  },
});
