import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MessageEntry } from '../src/index.ts';
import { IndexedDBStorage, MemoryStorage } from '../src/offline.ts';
import { Browser, expectNothingStored, pass, stored, type Tab } from './browser.ts';
import { ANN, BOB } from './fake.ts';

let browser: Browser;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
  browser = new Browser();
});

afterEach(() => {
  browser.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** hanging is a storage that is read at once and answers when open is called. */
function hanging(): { slow: MemoryStorage; open: () => void } {
  const slow = new MemoryStorage(browser.disk);
  const { open: really } = slow;
  let open = () => {};
  slow.open = (owner) => {
    const read = really.call(slow, owner);
    return new Promise((resolve) => {
      open = () => resolve(read);
    });
  };
  return { slow, open: () => open() };
}

const log = () => browser.server.log.map((m) => m.content);

describe('a reload', () => {
  test('keeps what waits, and the messages before it, also while the server is away; each is sent once, in order', async () => {
    browser.server.says('from before');
    const first = await browser.opened();
    await pass(5000);
    browser.server.up = false;
    browser.server.cut();
    for (const text of ['one', 'two', 'three']) first.client.send('general', text);
    expect(first.client.unsaved()).toBe(true);
    await pass();
    expect(first.client.unsaved()).toBe(false);
    first.crash();

    const again = await browser.tab();
    const waiting = ['from before sent', 'one pending', 'two pending', 'three pending'];
    expect(again.list(), 'painted before there is a connection').toEqual(waiting);
    again.client.start();
    void again.client.open('general');
    await pass(3000);
    expect(again.list()).toEqual(waiting);
    expect(again.client.unsaved()).toBe(false);
    again.client.send('general', 'four');
    browser.server.up = true;
    await pass(30_000);
    expect(log()).toEqual(['from before', 'one', 'two', 'three', 'four']);
    expect(again.list()).toEqual(log().map((text) => `${text} sent`));
    expect(browser.disk.sends.size).toBe(0);
    expect(again.asked.filter((a) => a.path.startsWith('/api/messages'))).toEqual([]);
  });

  test('between the storing and its answer: the message is not there twice', async () => {
    const first = await browser.opened();
    browser.server.dying = true;
    first.client.send('general', 'hello');
    await pass();
    first.crash();
    const again = await browser.opened();
    await pass(30_000);
    expect(log()).toEqual(['hello']);
    expect(again.list()).toEqual(['hello sent']);
    expect(browser.disk.sends.size).toBe(0);
  });

  test('what was typed before the storage has answered comes after what was kept', async () => {
    const first = await browser.opened();
    browser.server.up = false;
    browser.server.cut();
    first.client.send('general', 'kept');
    await pass(3000);
    first.crash();
    const { slow, open } = hanging();
    browser.server.up = true;
    const again = await browser.tab({ storage: slow });
    again.client.start();
    await pass();
    again.client.send('general', 'typed early');
    await pass();
    expect(log()).toEqual([]);
    open();
    await pass();
    expect(log()).toEqual(['kept', 'typed early']);
  });

  test('what was said to a room that was archived meanwhile is shown as not sent, and can be sent once that is over', async () => {
    browser.server.says('from before');
    const tab = await browser.opened();
    await pass(3000);
    browser.server.up = false;
    browser.server.cut();
    tab.client.send('general', 'too late');
    await pass();
    const { routes, client, list } = tab;
    routes['GET /api/rooms'] = () => ({ body: { rooms: [] } });
    const unread = { unread: 0, n: 1, read_n: 1, read_version: 1, online: 1 };
    const room = {
      id: 'r-general',
      name: 'general',
      topic: '',
      kind: 'public',
      archived: true,
      member: false,
      ...unread,
    };
    routes['GET /api/rooms/general'] = () => ({ body: room });
    browser.server.archived = true;
    browser.server.up = true;
    await pass(30_000);
    client.close();
    void client.open('general'); // as a page does whose room is in no list any more
    await pass(30_000);
    expect(list()).toEqual(['from before sent', 'too late failed']);
    browser.server.archived = false;
    const failed = client.getState().rooms.general!.entries.at(-1) as MessageEntry;
    client.retry('general', failed.clientId);
    await pass(1000);
    expect(log()).toEqual(['from before', 'too late']);
  });

  test('keeps the last 200 messages of a room, and older ones can be loaded', async () => {
    for (let i = 1; i <= 260; i++) browser.server.says(`${i}`);
    const first = await browser.opened();
    await pass(3000);
    for (let i = 261; i <= 480; i++) browser.server.says(`${i}`);
    await pass(3000);
    first.crash();
    const again = await browser.tab();
    expect(again.list()).toHaveLength(200);
    expect(again.list().at(-1)).toBe('480 sent');
    expect(again.client.getState().rooms.general!.hasOlder).toBe(true);
  });

  test('a failed message is still there, can be tried again, and stays away once it is discarded', async () => {
    const first = await browser.opened();
    browser.server.deaf = first.socket();
    const ids = ['a', 'b'].map((text) => first.client.send('general', text));
    for (const ref of ids) first.socket().hear({ type: 'error', code: 'forbidden', message: 'not now', ref });
    await pass();
    first.crash();
    browser.server.deaf = null;
    const again = await browser.opened();
    expect(again.list()).toEqual(['a failed', 'b failed']);
    expect(again.client.getState().rooms.general!.entries[0]).toMatchObject({ error: 'not now', code: 'forbidden' });
    again.client.discard('general', ids[0]!);
    again.client.retry('general', ids[1]!);
    await pass();
    expect(log()).toEqual(['b']);
    again.crash();
    expect((await browser.opened()).list()).toEqual(['b sent']);
  });
});

test('in the database of a browser: a reload keeps what waits, a sign-out leaves nothing', async () => {
  vi.useRealTimers(); // the database has a time of its own
  const factory = new IDBFactory();
  const storage = () => new IndexedDBStorage('parley', factory);
  const first = await browser.tab({ storage: storage() });
  first.client.start();
  await pass();
  void first.client.open('general');
  await vi.waitFor(() => expect(first.client.getState().rooms.general?.sync.paged).toBe(true));
  browser.server.up = false;
  browser.server.cut();
  for (const text of ['one', 'two']) first.client.send('general', text);
  await vi.waitFor(() => expect(first.client.unsaved()).toBe(false));
  first.crash();
  browser.server.up = true;
  const again = await browser.tab({ storage: storage() });
  again.client.start();
  await pass();
  void again.client.open('general');
  await vi.waitFor(() => expect(again.list()).toEqual(['one sent', 'two sent']));
  again.routes['POST /api/auth/logout'] = () => ({ status: 204 });
  const out = again.client.api.logout();
  await pass();
  await out;
  const left = storage();
  await left.open('ann');
  expect(await left.sends()).toEqual([]);
  expect(log()).toEqual(['one', 'two']);
});

test('what was rendered is kept, and shared between tabs; a list that an older version kept is shown as plain', async () => {
  const [one, two] = [await browser.opened(), await browser.opened()];
  browser.server.says('**a**');
  two.client.send('general', '**b**');
  await pass(3000);
  const htmls = (tab: Tab) =>
    tab.client.getState().rooms.general!.entries.map((e) => (e.kind === 'message' ? e.html : undefined));
  const both = ['<p><strong>a</strong></p>', '<p><strong>b</strong></p>'];
  for (const tab of [one, two]) expect(htmls(tab)).toEqual(both);
  browser.server.up = false;
  browser.server.cut();
  for (const tab of [one, two]) tab.crash();
  const again = await browser.tab();
  expect(htmls(again)).toEqual(both);
  again.crash();
  for (const [name, room] of browser.disk.rooms)
    browser.disk.rooms.set(name, room.replaceAll(/,"html":("[^"]*"|null)/g, ''));
  expect(stored(browser)).not.toContain('html');
  const older = await browser.tab();
  expect(older.list()).toEqual(['**a** sent', '**b** sent']);
  expect(htmls(older)).toEqual([null, null]);
});

describe('two tabs', () => {
  test('one sends for both; what is said in either is in both lists, once', async () => {
    const [one, two] = [await browser.opened(), await browser.opened()];
    two.client.send('general', 'said in the second');
    await pass();
    one.client.send('general', 'said in the first');
    await pass();
    expect(browser.server.sent.map((s) => s.socket)).toEqual([one.socket(), one.socket()]);
    for (const tab of [one, two]) expect(tab.list()).toEqual(['said in the second sent', 'said in the first sent']);
  });

  test('see each other’s pending messages; the other goes on when the one that sends is gone', async () => {
    const [one, two] = [await browser.opened(), await browser.opened()];
    browser.server.up = false;
    browser.server.cut();
    one.client.send('general', 'a');
    await pass();
    two.client.send('general', 'b');
    await pass();
    for (const tab of [one, two]) expect(tab.list()).toEqual(['a pending', 'b pending']);
    one.crash();
    browser.server.up = true;
    await pass(30_000);
    expect(log()).toEqual(['a', 'b']);
    expect(two.list()).toEqual(['a sent', 'b sent']);
  });

  test('a tab whose turn it is and that does nothing is not waited for longer than 5 s', async () => {
    const [one, two] = [await browser.opened(), await browser.opened()];
    browser.server.deaf = one.socket();
    two.client.send('general', 'hello');
    await pass(4900);
    expect(log()).toEqual([]);
    await pass(200);
    expect(log()).toEqual(['hello']);
    expect(two.list()).toEqual(['hello sent']);
  });

  test('a refusal, and taking off what was refused, show in both', async () => {
    const [one, two] = [await browser.opened(), await browser.opened()];
    browser.server.deaf = one.socket();
    const id = two.client.send('general', 'hello');
    await pass();
    one.socket().hear({ type: 'error', code: 'forbidden', message: 'no', ref: id });
    await pass();
    expect(two.list()).toEqual(['hello failed']);
    two.client.discard('general', id);
    await pass();
    expect(one.list()).toEqual([]);
  });

  test('what is read in one is read in the other, without a server', async () => {
    const [one, two] = [await browser.opened(), await browser.opened()];
    browser.server.says('hello');
    await pass();
    expect(two.unread()).toBe(1);
    browser.server.up = false;
    browser.server.cut();
    one.client.setVisible(true);
    await pass();
    expect([one.unread(), two.unread()]).toEqual([0, 0]);
  });

  test('drafts are shared, and survive a reload', async () => {
    const [one, two] = [await browser.opened(), await browser.opened()];
    one.client.setDraft('general', 'half a');
    await pass();
    expect(two.client.getState().drafts).toEqual({ general: 'half a' });
    one.crash();
    two.crash();
    const again = await browser.opened();
    expect({ ...again.client.getState().drafts }).toEqual({ general: 'half a' });
    again.client.setDraft('general', '');
    await pass();
    expect(stored(browser)).not.toContain('half a');
  });

  test('a draft that was sent before the storage has answered does not come back', async () => {
    const first = await browser.opened();
    first.client.setDraft('general', 'half a');
    first.client.setDraft('random', 'kept');
    await pass();
    first.crash();
    const { slow, open } = hanging();
    const again = await browser.tab({ storage: slow });
    again.client.start();
    await pass();
    again.client.setDraft('general', 'half a'); // from a copy that the page has
    again.client.setDraft('general', '');
    open();
    await pass();
    expect({ ...again.client.getState().drafts }).toEqual({ random: 'kept' });
    expect(stored(browser)).not.toContain('half a');
  });

  test('a draft that another tab tells of before the storage has answered is taken over', async () => {
    const one = await browser.opened();
    one.client.setDraft('general', 'old');
    one.client.setDraft('random', 'given up');
    await pass();
    const { slow, open } = hanging();
    const two = await browser.tab({ storage: slow });
    two.client.start();
    await pass();
    one.client.setDraft('general', 'half a thought');
    one.client.setDraft('random', '');
    await pass();
    open();
    await pass();
    expect({ ...two.client.getState().drafts }).toEqual({ general: 'half a thought' });
  });
});

test('tabs in which different people are signed in do not mind each other', async () => {
  const anns = await browser.opened();
  browser.server.user = BOB;
  const bobs = await browser.opened();
  bobs.routes['POST /api/auth/logout'] = () => ({ status: 204 });
  await bobs.client.api.logout();
  await pass();
  expect(anns.client.getState().status).toBe('connected');
});

describe('nothing is kept', () => {
  async function full(): Promise<Awaited<ReturnType<Browser['opened']>>> {
    browser.server.says('secret');
    const tab = await browser.opened();
    tab.client.setDraft('general', 'secret draft');
    browser.server.deaf = tab.socket();
    tab.client.send('general', 'secret too');
    await pass(5000);
    expect(stored(browser)).toMatch(/secret"[\s\S]*secret draft|secret draft[\s\S]*secret"/);
    return tab;
  }

  test('after signing out, and the other tabs sign out as well', async () => {
    const tab = await full();
    const other = await browser.opened();
    tab.routes['POST /api/auth/logout'] = () => ({ status: 204 });
    await tab.client.api.logout();
    expectNothingStored(browser);
    await pass(10_000);
    expect(other.client.getState()).toMatchObject({ status: 'signed_out', ended: { code: 4002 } });
    expectNothingStored(browser);
  });

  test('after the session was ended elsewhere', async () => {
    const tab = await full();
    tab.socket().end(4002, 'signed out');
    await pass(10_000);
    expect(tab.client.getState().status).toBe('signed_out');
    expectNothingStored(browser);
  });

  test('of a session that ended while no page was open', async () => {
    (await full()).crash();
    browser.server.user = '';
    const again = await browser.tab();
    expect(again.list()).toEqual([]);
    expectNothingStored(browser);
  });

  test('when another person signs in: neither shown nor stored', async () => {
    (await full()).crash();
    browser.server.user = BOB;
    const again = await browser.tab();
    expect(again.list()).toEqual([]);
    await pass(5000);
    expect(stored(browser)).toBe('');
    expect(browser.disk.owner).toBe(BOB);
  });

  test('of a room that one was taken out of', async () => {
    const tab = await full();
    tab.socket().hear({
      type: 'welcome',
      protocol: 'parley.v1',
      user: 'ann',
      user_id: ANN,
      kind: 'member',
      limits: { content: 8000, frame: 65536, rooms: 1000, subscribe: 200, sends_open: 64 },
      rooms: [],
    });
    await pass(5000);
    expect([...browser.disk.rooms.keys()]).toEqual([]);
  });

  test('by a tab that comes late: it has not heard of the signing out', async () => {
    const tab = await full();
    await new MemoryStorage(browser.disk).wipe();
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    browser.server.deaf = null;
    tab.client.send('general', 'still here');
    tab.client.setDraft('general', 'still here');
    await pass(10_000);
    expectNothingStored(browser);
    expect(log()).toContain('still here'); // and the tab works on as one that keeps nothing
  });
});

describe('without a storage that works', () => {
  const failing = (over: Partial<MemoryStorage>) => Object.assign(new MemoryStorage(browser.disk), over);

  test.each([
    ['it cannot be opened', { open: () => Promise.reject(new Error('private mode')) }],
    ['it hangs', { open: () => new Promise<never>(() => {}) }],
    ['it is full', { write: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }],
  ])('everything is as in memory: %s', async (_, over) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const tab = await browser.tab({ storage: failing(over) });
    tab.client.start();
    await pass();
    tab.client.send('general', 'one');
    await pass(6000);
    expect(log()).toEqual(['one']);
    browser.server.up = false;
    browser.server.cut();
    tab.client.send('general', 'two');
    await pass();
    expect(tab.client.unsaved()).toBe(true);
    browser.server.up = true;
    await pass(30_000);
    expect(log()).toEqual(['one', 'two']);
    expect(tab.client.unsaved()).toBe(false);
  });

  test('a newer page takes the storage away: what waits is sent by whoever comes first, once', async () => {
    const storage = new MemoryStorage(browser.disk);
    const older = await browser.tab({ storage });
    older.client.start();
    await pass();
    void older.client.open('general');
    await pass();
    browser.server.up = false;
    browser.server.cut();
    older.client.send('general', 'one');
    await pass();
    storage.lost();
    expect(older.client.unsaved()).toBe(true);
    older.client.send('general', 'two');
    const newer = await browser.opened();
    browser.server.up = true;
    await pass(30_000);
    expect(log()).toEqual(['one', 'two']);
    for (const tab of [older, newer]) expect(tab.list()).toEqual(['one sent', 'two sent']);
  });
});
