import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { markUnread, watchLevels } from '../src/levels.ts';
import { ANN, BOB, message, page, type World, welcomeRoom, world } from './fake.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const stamp = '2026-01-31T09:30:00.125Z';

/** Somebody before a room of so many messages of bob's, of which they have read the first ones. */
async function before(n: number, read: number, over: Record<string, unknown> = {}): Promise<World> {
  const w = world();
  watchLevels(w.client);
  const messages = Array.from({ length: n }, (_, i) => message(i + 1));
  w.routes['GET /api/messages'] = () => page(messages, n);
  w.client.start();
  await w.pass();
  await w.welcome({ rooms: [welcomeRoom({ seq: n, n, read_n: read, read_version: 5, unread: n - read, ...over })] });
  return w;
}

const counts = ({ room }: World) => [room().unread, room().mentions];

test('mentions are counted from what the server says on, and by what is said; all of it read, there is none', async () => {
  const w = await before(5, 3, { mentions: 1, role: 'member' });
  expect(counts(w)).toEqual([2, 1]);
  const hear = (seq: number, over = {}) => w.socket().hear(message(seq, over));
  hear(6);
  expect(counts(w)).toEqual([3, 1]);
  hear(7, { mentions: [BOB, ANN] });
  hear(8, { mentions_all: 'room' });
  hear(9, { mentions: [BOB] });
  expect(counts(w)).toEqual([6, 3]);
  w.socket().hear({ type: 'read', room: 'general', n: 7, version: 6, mentions: 1 });
  expect(counts(w)).toEqual([2, 1]);
  w.socket().hear({ type: 'read', room: 'general', n: 9, version: 7 });
  expect(counts(w)).toEqual([0, 0]);
  hear(10, { user_id: ANN, mentions: [ANN] });
  expect(counts(w)).toEqual([0, 0]);
});

test('a mention of all members is none of who is not one, and one of those who are here is', async () => {
  const w = await before(2, 2);
  w.socket().hear(message(3, { mentions_all: 'room' }));
  expect(counts(w)).toEqual([1, 0]);
  w.socket().hear(message(4, { mentions_all: 'here' }));
  w.socket().hear(message(5, { mentions_all: 'room', mentions: [ANN] }));
  expect(counts(w)).toEqual([3, 2]);
});

test('what one looks at counts nowhere, and names nobody', async () => {
  const w = await before(2, 2);
  w.client.setVisible(true);
  await w.client.open('general');
  w.socket().hear(message(3, { mentions: [ANN] }));
  expect(counts(w)).toEqual([0, 0]);
});

test('an edit or deletion of what is unread has the list of rooms read again soon, and once for many', async () => {
  const w = await before(5, 3, { mentions: 1 });
  const asked = () => w.asked.filter((a) => a.path === '/api/rooms').length;
  await w.pass(2000);
  const at = asked();
  w.routes['GET /api/rooms'] = () => ({
    body: {
      rooms: [
        {
          id: 'r-general',
          name: 'general',
          kind: 'public',
          topic: '',
          seq: 7,
          n: 5,
          online: 1,
          unread: 2,
          read_n: 3,
          read_version: 5,
        },
      ],
    },
  });
  const change = (seq: number, kind: string) =>
    w.socket().hear({
      type: 'change',
      room: 'general',
      seq,
      id: `c${seq}`,
      kind,
      message: 'id-5',
      user: 'bob',
      user_id: BOB,
      timestamp: stamp,
      data: {},
    });
  change(6, 'edit');
  change(7, 'delete');
  expect(asked()).toBe(at);
  await w.pass(500);
  expect(asked()).toBe(at + 1);
  expect(counts(w)).toEqual([2, 0]);
});

test('what is set for a room on another device holds here', async () => {
  const w = await before(1, 1, { notify: 'all' });
  expect(w.room()).toMatchObject({ notify: 'all', muted: false });
  w.socket().hear({ type: 'room_prefs', room: 'general', notify: 'nothing', muted: true });
  expect(w.room()).toMatchObject({ notify: 'nothing', muted: true });
  w.socket().hear({ type: 'room_prefs', room: 'elsewhere', notify: 'all', muted: true });
  expect(Object.keys(w.client.getState().rooms)).toEqual(['general']);
});

/** A server that moves the cursor back and forth as asked. */
function cursor(w: World, version: number, n: number) {
  const at = { version, n };
  w.routes['POST /api/rooms/general/read'] = (_, init) => {
    const asked = JSON.parse(init.body as string);
    if (asked.version !== at.version) return { status: 409, body: { code: 'conflict', detail: 'it was another' } };
    Object.assign(at, { n: asked.n, version: at.version + 1 });
    return { body: { n: at.n, version: at.version } };
  };
  w.routes['GET /api/rooms/general'] = () => ({
    body: {
      id: 'r-general',
      name: 'general',
      kind: 'public',
      topic: '',
      seq: 5,
      n: 5,
      online: 1,
      unread: 5 - at.n,
      read_n: at.n,
      read_version: at.version,
      member: true,
    },
  });
  return at;
}

test('marked unread, a room on screen stays so with its line, until it is opened anew', async () => {
  const w = await before(5, 5);
  const at = cursor(w, 5, 5);
  w.client.setVisible(true);
  await w.client.open('general');
  await markUnread(w.client, 'general', 4);
  expect([at, w.room().unread, w.room().firstUnread]).toEqual([{ n: 3, version: 6 }, 2, 4]);
  w.socket().hear({ type: 'read', room: 'general', n: 3, version: 6 });
  w.socket().hear(message(6));
  w.client.setVisible(false);
  w.client.setVisible(true);
  await w.pass(2000);
  expect([w.room().unread, w.room().firstUnread]).toEqual([3, 4]);
  expect(w.socket().of('read')).toEqual([]);
  w.client.close();
  await w.client.open('general');
  await w.pass(2000);
  expect([w.room().unread, w.room().firstUnread]).toEqual([0, 4]);
  expect(w.socket().of('read')).toEqual([{ type: 'read', room: 'general', n: 6 }]);
});

test('marked unread elsewhere, a room on screen stays so as well, and is read once more when one says so', async () => {
  const w = await before(5, 4);
  w.client.setVisible(true);
  await w.client.open('general');
  await w.pass();
  w.socket().hear({ type: 'read', room: 'general', n: 5, version: 6 });
  w.socket().hear({ type: 'read', room: 'general', n: 2, version: 7 });
  w.socket().hear(message(6));
  expect([w.room().unread, w.room().firstUnread]).toEqual([4, 3]);
  await w.pass(2000);
  w.client.seen('general');
  await w.pass(2000);
  expect(w.room().unread).toBe(0);
  expect(
    w
      .socket()
      .of('read')
      .map((f) => f.n),
  ).toEqual([5, 6]);
});

test('a cursor that was moved meanwhile does not stand in the way; a refusal leaves the room as it was', async () => {
  const w = await before(5, 5);
  const at = cursor(w, 9, 5);
  await markUnread(w.client, 'general', 2);
  expect([at, w.room().unread]).toEqual([{ n: 1, version: 10 }, 4]);
  w.routes['POST /api/rooms/general/read'] = () => ({ status: 500, body: {} });
  await expect(markUnread(w.client, 'general', 4)).rejects.toThrow();
  expect(w.room().unread).toBe(4);
});

test('what was saved on another device while the connection was lost is read again, and what is saved meanwhile stands', async () => {
  const w = await before(3, 3);
  await w.client.open('general');
  const saved = () => w.room().entries.map((e) => e.kind === 'message' && e.saved);
  w.socket().hear({ type: 'saved', room: 'general', message: 'id-1', saved: true });
  expect(saved()).toEqual([true, false, false]);
  let answer = () => {};
  w.routes['GET /api/saved'] = async (url) => {
    if (url.searchParams.has('before')) return { body: { messages: [{ id: 'id-elsewhere' }] } };
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return { body: { messages: [{ id: 'id-2' }], next: 7 } };
  };
  w.socket().end();
  await w.pass(2000);
  await w.welcome({ rooms: [welcomeRoom({ seq: 3, n: 3, read_n: 3, read_version: 5 })] });
  w.socket().hear({ type: 'saved', room: 'general', message: 'id-3', saved: true });
  answer();
  await w.pass();
  expect(saved()).toEqual([false, true, true]);
});
