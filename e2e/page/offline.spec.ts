import type { BrowserContext, Page, WebSocketRoute } from '@playwright/test';
import { Chat } from './chat.ts';
import { expect, test } from './test.ts';

/** A context's live connection, which can be taken away without the rest of the network. */
class Live {
  private readonly sockets = new Set<WebSocketRoute>();
  private whole = true;

  static async of(context: BrowserContext): Promise<Live> {
    const live = new Live();
    await context.routeWebSocket(/\/ws/, (socket) => {
      if (!live.whole) {
        socket.close({ code: 1013 });
        return;
      }
      socket.connectToServer();
      live.sockets.add(socket);
    });
    return live;
  }

  async cut(): Promise<void> {
    this.whole = false;
    for (const socket of this.sockets) await socket.close({ code: 1013 });
    this.sockets.clear();
  }

  mend(): void {
    this.whole = true;
  }
}

/** Everything that the page's databases hold, as text. */
function stored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const of = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    let all = '';
    for (const { name } of await indexedDB.databases()) {
      const db = await of(indexedDB.open(name ?? ''));
      for (const store of db.objectStoreNames) {
        const rows = await of(db.transaction(store).objectStore(store).getAll());
        all += rows.map((row) => JSON.stringify(row)).join('\n');
      }
      db.close();
    }
    return all;
  });
}

test('three messages typed offline, a reload, and a server that is killed meanwhile: each is there once, in order', async ({
  server,
  ann,
  joins,
}) => {
  const theirs = await (await joins('bob')).opens();
  const live = await Live.of(ann.context);
  const mine = await ann.opens();
  await theirs.say('general', 'before');
  await mine.hears('general', 'before');
  await expect.poll(() => stored(mine.page), { message: 'the room is kept' }).toContain('before');

  await live.cut();
  await expect(mine.status).toHaveText(/^Reconnecting/);
  for (const n of [1, 2, 3]) await mine.say('general', `offline ${n}`);
  await expect.poll(() => stored(mine.page), { message: 'the last one is kept' }).toContain('offline 3');
  let asked = false;
  mine.page.on('dialog', (dialog) => {
    asked = true;
    void dialog.accept();
  });
  await mine.page.reload();
  for (const text of ['before', 'offline 1', 'offline 2', 'offline 3']) await mine.hears('general', text);
  await server.kill();
  await expect(theirs.status).toHaveText(/^Reconnecting/);
  expect(asked, 'the browser asked whether to leave').toBe(false);

  live.mend();
  await server.restart();
  await mine.connected();
  await theirs.connected();
  for (const tab of [theirs, mine]) {
    await tab.hears('general', 'offline 3');
    const said = tab.message('general', /offline \d/);
    await expect(said).toHaveCount(3);
    for (const n of [1, 2, 3]) await expect(said.nth(n - 1)).toContainText(`offline ${n}`);
  }
  const page = await (await ann.api.get('/api/messages?room=general&page=1')).json();
  expect(page.messages.map((m: { content: string }) => m.content)).toEqual([
    'before',
    'offline 1',
    'offline 2',
    'offline 3',
  ]);
  await expect.poll(() => stored(mine.page)).toContain('offline 3'); // now among the last messages of the room
});

test('two tabs: what is read or written in one is so in the other, and signing out of one leaves nothing', async ({
  ann,
  joins,
}) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  const theirs = await bob.opens('random');
  const other = await bob.opens('random');
  await mine.say('general', 'read this');
  for (const tab of [theirs, other]) await expect(tab.unread('general', 1)).toBeVisible();
  await theirs.switchTo('general');
  await theirs.hears('general', 'read this');
  await expect(other.unread('general', 1)).toHaveCount(0);

  await theirs.composer('general').fill('half a thought');
  await other.switchTo('general');
  await expect(other.composer('general')).toHaveValue('half a thought');
  await other.composer('general').press('Enter');
  await theirs.hears('general', 'half a thought');
  await expect(theirs.composer('general')).toHaveValue('');

  await expect.poll(() => stored(other.page)).toContain('half a thought');
  await other.composer('general').fill('never said');
  await expect(theirs.composer('general')).toHaveValue('never said');
  await theirs.signOut();
  await theirs.asksWho();
  await other.wasSignedOut();
  for (const { page } of [theirs, other]) {
    expect(await stored(page)).toBe('');
    const kept = await page.evaluate(() => Object.keys({ ...localStorage, ...sessionStorage }).join());
    expect(kept, 'what the page keeps').not.toMatch(/draft|recent/);
  }
});

test('14 a draft is still there when the tab was closed and another is opened', async ({ ann }) => {
  const first = await ann.opens();
  await first.composer('general').pressSequentially('for later');
  await expect.poll(() => stored(first.page), { message: 'the draft is kept' }).toContain('for later');
  await first.page.close();
  const second = await ann.opens();
  await expect(second.composer('general')).toHaveValue('for later');
});

test('a session that ended while no page was open leaves nothing', async ({ ann, joins }) => {
  const bob = await joins('bob');
  const mine = await ann.opens();
  await mine.say('general', 'not for the next one');
  const theirs = await bob.opens();
  await theirs.hears('general', 'not for the next one');
  await expect.poll(() => stored(theirs.page)).toContain('not for the next one');
  await theirs.page.goto('about:blank');
  await bob.post('/api/auth/logout', {});
  const later = new Chat(theirs.page);
  await later.page.goto('/');
  await later.asksWho();
  await expect.poll(() => stored(later.page)).toBe('');
});
