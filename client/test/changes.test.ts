import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeptRoom } from '../src/keep.ts';
import { restore } from '../src/offline/kept.ts';
import { initial } from '../src/reduce.ts';
import { rest } from '../src/rest.ts';
import { ANN, ack, BOB, message, page, type World, welcomeRoom, world } from './fake.ts';

let w: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
});

afterEach(() => {
  w?.client.stop();
  vi.useRealTimers();
});

const row = (seq: number, over: Record<string, unknown> = {}) => {
  const { type: _, ...m } = message(seq, over);
  return m;
};

async function opened(...rows: unknown[]): Promise<void> {
  w = world();
  w.routes['GET /api/messages'] = () => page(rows, rows.length);
  w.client.start();
  await w.pass();
  await w.welcome({ rooms: [welcomeRoom({ seq: rows.length, n: rows.length, read_n: rows.length, read_version: 1 })] });
  await w.client.open('general');
}

/** A change of a message, as others hear of it. */
const change = (seq: number, kind: string, of: number, data: unknown = {}, user = BOB) => ({
  type: 'change',
  room: 'general',
  seq,
  id: `change-${seq}`,
  kind,
  message: `id-${of}`,
  user: 'bob',
  user_id: user,
  data,
  timestamp: '2026-01-31T09:31:00Z',
});
const edited = '2026-01-31T09:31:00Z';
const only = () => {
  const [e] = w.room().entries;
  if (e?.kind !== 'message') throw new Error('there is no message');
  return e;
};

test('a deletion takes all but the place of a message, and nothing brings it back', async () => {
  await opened(
    row(1, {
      quote: 'id-0',
      pinned: true,
      mentions: [ANN],
      reactions: [{ emoji: '👍', count: 1, first: 2, users: [], me: true }],
    }),
  );
  expect(only()).toMatchObject({ quote: 'id-0', pinned: true, mentions: [ANN], reactions: [{ me: true }] });
  const s = w.socket();
  s.hear(change(2, 'delete', 1));
  s.hear(change(3, 'edit', 1, { content: 'again', edited }));
  s.hear(change(4, 'react', 1, { emoji: '👍', count: 1, first: 4, users: [] }));
  s.hear(change(5, 'pin', 1, { pinned: true }));
  expect(only()).toMatchObject({
    deleted: true,
    content: '',
    html: null,
    edited: null,
    quote: null,
    mentions: [],
    reactions: [],
    pinned: false,
    n: 1,
  });
});

test('a change that says nothing that is known changes nothing', async () => {
  await opened(row(1));
  const before = only();
  const bad = [
    {},
    { content: 1 },
    { emoji: '', count: 1 },
    { emoji: '👍', count: -1, first: 1, users: [] },
    { emoji: '👍', count: 1, first: 1, users: [1] },
  ];
  for (const [i, data] of bad.entries()) w.socket().hear(change(i + 2, i < 2 ? 'edit' : 'react', 1, data));
  w.socket().hear(change(7, 'delete', 99));
  w.socket().hear(change(8, 'frame', 1));
  expect(only()).toEqual(before);
  expect(w.room().sync).toMatchObject({ stream: 'live', cursor: { seq: 8 } });
});

test('the ack of a message that was edited or deleted since tells what it is now', async () => {
  await opened();
  const [one, two] = [w.client.send('general', 'one'), w.client.send('general', 'two')];
  w.socket().hear(ack(one, 1, { content: 'one, mended', edited }));
  w.socket().hear(ack(two, 2, { content: '', deleted: true }));
  expect(w.room().entries).toMatchObject([
    { content: 'one, mended', edited: Date.parse(edited), key: one },
    { content: '', deleted: true, key: two },
  ]);
});

test('a reply stands in no list, moves the cursor and tells its root how many there are', async () => {
  await opened(row(1));
  const replies = { count: 1, last_seq: 2, last: edited, users: [{ id: BOB, name: 'bob' }] };
  w.socket().hear({ ...message(2, { thread: 'id-1', replies }), n: undefined });
  expect(w.room()).toMatchObject({ lastN: 1, unread: 0, entries: [{ replies }], sync: { cursor: { seq: 2 } } });
  w.socket().hear(change(3, 'delete', 2, { thread: 'id-1' }));
  expect(only().replies).toBeNull();
});

test('a page that was read before more changes than are remembered is read again', async () => {
  await opened();
  const s = w.socket();
  let answer = (_: ReturnType<typeof page>) => {};
  w.routes['GET /api/messages'] = () => new Promise((resolve) => (answer = resolve));
  for (let seq = 1; seq <= 3; seq++) s.hear(message(seq));
  s.hear({ type: 'skip', room: 'general', seq: 9 }); // a gap: the stream begins anew
  await w.pass(1000);
  s.hear({
    type: 'reset',
    room: 'general',
    room_id: 'r-general',
    epoch: w.room().sync.epoch,
    seq: 9,
    id: 'x',
    min_seq: 1,
  });
  await w.pass();
  const first = answer;
  for (let i = 0; i < 101; i++) s.hear(change(10 + i, 'edit', 1, { content: `edit ${i}`, edited }));
  first(page([row(1), row(2), row(3)], 9));
  await w.pass();
  expect(w.room().entries, 'what the late page says is not believed').toEqual([]);
  await w.pass(1000);
  answer(page([row(1, { content: 'edit 100', edited }), row(2), row(3)], 110));
  await w.pass();
  expect(only().content).toBe('edit 100');
});

test('my reaction shows at once, and goes again if the server refuses it', async () => {
  await opened(
    row(1, { reactions: [{ emoji: '👍', count: 1, first: 1, users: [{ id: BOB, name: 'bob' }], me: false }] }),
  );
  const path = `/api/rooms/general/messages/id-1/reactions/${encodeURIComponent('👍')}`;
  w.routes[`PUT ${path}`] = () => ({ status: 403, body: { code: 'forbidden', detail: 'no' } });
  const asked = rest(w.client).react('general', 'id-1', '👍');
  expect(only().reactions).toMatchObject([{ count: 2, me: true, users: [{ id: BOB }, { id: ANN }] }]);
  await expect(asked).rejects.toMatchObject({ code: 'forbidden' });
  expect(only().reactions).toMatchObject([{ count: 1, me: false, users: [{ id: BOB }] }]);
});

test('what an older version has kept still loads', () => {
  const old = {
    kind: 'message',
    key: 'k',
    id: 'id-1',
    seq: 1,
    n: 1,
    user: 'bob',
    userId: BOB,
    content: 'x',
    time: 1,
    clientId: '',
    state: 'sent',
    error: null,
    code: null,
    deleted: false,
  };
  const kept = {
    id: 'r',
    name: 'general',
    topic: '',
    kind: 'public',
    archived: false,
    cursor: { epoch: 'e', seq: 1, id: 'id-1' },
    entries: [old],
    hasOlder: false,
    lastN: 1,
    readN: 1,
    readVersion: 1,
    serverReadN: 1,
    mark: null,
  };
  const [e] = restore(initial, [kept as unknown as KeptRoom]).rooms.general!.entries;
  expect(e).toMatchObject({
    content: 'x',
    html: null,
    edited: null,
    quote: null,
    mentions: [],
    reactions: [],
    pinned: false,
    saved: false,
    replies: null,
  });
});
