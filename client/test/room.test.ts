import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MessageEntry } from '../src/index.ts';
import { ANN, BOB, message, page, type World, welcomeRoom, world } from './fake.ts';

let w: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
});

afterEach(() => {
  w.client.stop();
  vi.useRealTimers();
});

async function opened(over: Record<string, unknown> = {}, history = page()): Promise<World> {
  w = world();
  w.routes['GET /api/messages'] = () => history;
  w.client.start();
  await w.pass();
  await w.welcome(over);
  await w.client.open('general');
  return w;
}

const list = () =>
  w.room().entries.map((e) => (e.kind === 'message' ? `${e.content} ${e.state}` : `${e.notice} ${e.users.join('+')}`));
const rest = (seq: number, over: Record<string, unknown> = {}) => {
  const { type: _, ...m } = message(seq, over);
  return m;
};

test('unread: grows with the messages of others, is cleared by another device, and by looking', async () => {
  await opened(
    {
      rooms: [
        welcomeRoom({ seq: 5, n: 5, read_n: 3, read_version: 1, unread: 2 }),
        welcomeRoom({ room: 'help', room_id: 'r-help' }),
      ],
    },
    page([rest(4), rest(5)], 5),
  );
  expect(w.room()).toMatchObject({ unread: 2, firstUnread: 4, readN: 3 });
  w.socket().hear(message(1, { room: 'help' }));
  w.socket().hear(message(2, { room: 'help', user_id: ANN, user: 'ann' }));
  expect(w.client.getState().rooms.help!.unread).toBe(0); // posting moves one's own cursor
  w.socket().hear(message(3, { room: 'help' }));
  expect(w.client.getState().rooms.help).toMatchObject({ unread: 1, entries: [] });
  w.socket().hear({ type: 'read', room: 'help', n: 3, version: 2 });
  w.socket().hear({ type: 'read', room: 'help', n: 1, version: 1 }); // late
  expect(w.client.getState().rooms.help!.unread).toBe(0);
  await w.pass(5000);
  expect(w.socket().of('read')).toEqual([]);
  w.client.setVisible(true);
  expect(w.room()).toMatchObject({ unread: 0, readN: 5, firstUnread: 4 });
  expect(w.socket().of('read')).toEqual([{ type: 'read', room: 'general', n: 5 }]);
});

test('a room that somebody makes is there at once, with its stream', async () => {
  await opened();
  const before = w.socket().of('subscribe').length;
  const added = { type: 'room_added', room: 'lunch', room_id: 'r-lunch', topic: 'Where to eat' };
  w.socket().hear(added);
  expect(w.client.getState().roomNames).toContain('lunch');
  expect(w.client.getState().rooms.lunch).toMatchObject({ id: 'r-lunch', topic: 'Where to eat', unread: 0 });
  expect(w.socket().of('subscribe').slice(before)).toEqual([{ type: 'subscribe', rooms: [{ room: 'lunch' }] }]);
  w.socket().hear({ type: 'subscribed', room: 'lunch', room_id: 'r-lunch', epoch: 'e2', seq: 0, min_seq: 1 });
  w.socket().hear(message(1, { room: 'lunch' }));
  w.socket().hear(added); // again, as the one who made it may hear it
  expect(w.client.getState().rooms.lunch!.unread).toBe(1);
});

test('how somebody is shown changes at once, oneself included', async () => {
  await opened();
  const me = w.client.getState().me!;
  const changed = { type: 'user_changed', user_id: 'u-new', user: 'cat', display: 'Cat', avatar: 'api/avatars/1' };
  w.socket().hear(changed);
  expect(w.client.getState().people['u-new']).toMatchObject({ name: 'cat', display: 'Cat', avatar: 'api/avatars/1' });
  const before = w.client.getState().people;
  w.socket().hear(changed);
  expect(w.client.getState().people).toBe(before);
  w.socket().hear({ type: 'user_changed', user_id: 'u-new', user: 'cat', display: 'Cat' });
  expect(w.client.getState().people['u-new']!.avatar).toBeNull();
  w.socket().hear({ ...changed, user_id: me.id, user: me.name });
  expect(w.client.getState().me).toEqual({ ...me, display: 'Cat', avatar: 'api/avatars/1' });
});

test('looking at a busy room tells the server once a second', async () => {
  await opened();
  w.client.setVisible(true);
  for (let seq = 1; seq <= 20; seq++) {
    w.socket().hear(message(seq));
    expect(w.room().unread).toBe(0);
    await w.pass(100);
  }
  await w.pass(1000);
  const told = w
    .socket()
    .of('read')
    .map((f) => f.n);
  expect(told).toEqual([1, 10, 20]);
  w.client.setVisible(false);
  w.socket().hear({ type: 'read', room: 'general', n: 20, version: 3 });
  w.socket().hear(message(21));
  await w.pass(5000);
  expect(w.room()).toMatchObject({ unread: 1, firstUnread: 21 });
  expect(w.socket().of('read')).toHaveLength(3);
});

test('typing of others: three seconds, or until they stop, speak or go', async () => {
  await opened();
  const types = (user: string, id: string, type = 'typing') =>
    w.socket().hear({ type, room: 'general', user, user_id: id });
  types('bob', BOB);
  types('ann', ANN);
  expect(w.room().typing).toEqual(['bob']);
  await w.pass(2000);
  types('bob', BOB);
  types('al', 'id-al');
  await w.pass(2999);
  expect(w.room().typing).toEqual(['al', 'bob']);
  await w.pass(1);
  expect(w.room().typing).toEqual([]);
  types('bob', BOB);
  w.socket().hear(message(1));
  expect(w.room().typing).toEqual([]);
  types('bob', BOB);
  types('bob', BOB, 'stop_typing');
  expect(w.room().typing).toEqual([]);
  types('bob', BOB);
  w.socket().end();
  expect(w.room().typing).toEqual([]);
});

test('own typing: at most every two seconds, ended by idleness, by clearing, and silently by a message', async () => {
  await opened();
  const told = () =>
    w
      .socket()
      .sent.map((f) => f.type)
      .filter((t) => t.includes('typing'));
  for (let i = 0; i < 50; i++) {
    w.client.typing('general');
    await w.pass(100);
  }
  expect(told()).toEqual(['typing', 'typing', 'typing']);
  await w.pass(2000);
  expect(told()).toEqual(['typing', 'typing', 'typing', 'stop_typing']);
  await w.pass(3000);
  w.client.typing('general');
  w.client.stopTyping('general');
  w.client.stopTyping('general');
  expect(told().slice(4)).toEqual(['typing', 'stop_typing']);
  await w.pass(3000);
  w.client.typing('general');
  w.client.send('general', 'said');
  await w.pass(5000);
  expect(told().slice(6)).toEqual(['typing']);
});

test('own typing before the room is live is told once it is, unless it is over by then', async () => {
  await opened();
  const told = () =>
    w
      .socket()
      .sent.map((f) => f.type)
      .filter((t) => t.includes('typing'));
  w.socket().end();
  await w.pass(2000);
  w.client.typing('general');
  expect(told()).toEqual([]);
  await w.welcome();
  expect(told()).toEqual(['typing']);
  await w.pass(2000);
  expect(told()).toEqual(['typing', 'stop_typing']);

  for (const over of [
    () => w.pass(2000),
    () => w.client.stopTyping('general'),
    () => void w.client.send('general', 'said'),
  ]) {
    w.socket().end();
    await w.pass(60_000);
    w.client.typing('general');
    await over();
    await w.welcome();
    expect(told()).toEqual([]);
  }
});

test('older pages: before the oldest, without doubles, and what went wrong stands in the room', async () => {
  await opened({ rooms: [welcomeRoom({ seq: 6, n: 6 })] }, page([rest(5), rest(6)], 6, true));
  expect(w.room()).toMatchObject({ hasOlder: true, loading: 'none' });
  w.routes['GET /api/messages'] = () => ({ status: 500, body: { detail: 'a fault of the server', code: 'internal' } });
  await w.client.loadOlder('general');
  expect(w.room()).toMatchObject({ loadError: 'a fault of the server', loading: 'none', hasOlder: true });
  w.routes['GET /api/messages'] = (url) => {
    expect(url.searchParams.get('before')).toBe('5');
    return page([rest(3), rest(4), rest(5)], 6, false);
  };
  const both = Promise.all([w.client.loadOlder('general'), w.client.loadOlder('general')]);
  expect(w.room().loading).toBe('older');
  w.socket().hear(message(7));
  await both;
  expect(w.room().entries.map((e) => e.seq)).toEqual([3, 4, 5, 6, 7]);
  expect(w.room()).toMatchObject({ hasOlder: false, loadError: null });
  const asked = w.asked.length;
  await w.client.loadOlder('general');
  expect(w.asked).toHaveLength(asked);
});

test("a jump shows the room's past, whole, until it meets the end; what comes in meanwhile goes to the end", async () => {
  await opened({ rooms: [welcomeRoom({ seq: 90, n: 90 })] }, page([rest(89), rest(90)], 90, true));
  const past = () => w.room().past?.entries.map((e) => e.seq) ?? null;
  w.routes['GET /api/messages'] = (url) => {
    if (url.searchParams.get('around') === 'id-40') return page([rest(39), rest(40), rest(41)], 90, true);
    if (url.searchParams.get('before') === '39') return page([rest(38)], 90, false);
    if (url.searchParams.get('after') === '41') return page([rest(42), rest(88)], 90, true);
    if (url.searchParams.get('after') === '88') return page([rest(89), rest(90)], 90, false);
    return { status: 404, body: { detail: 'there is no such message in this room', code: 'not_found' } };
  };
  await expect(w.client.jump('general', 'id-none')).rejects.toMatchObject({ code: 'not_found', status: 404 });
  expect(past()).toBeNull();
  await w.client.jump('general', 'id-90'); // at the end anyhow
  expect(past()).toBeNull();

  await w.client.jump('general', 'id-40');
  expect(past()).toEqual([39, 40, 41]);
  const asked = w.asked.length;
  await w.client.jump('general', 'id-41');
  expect(w.asked).toHaveLength(asked);
  w.socket().hear(message(91));
  expect(w.room().entries.map((e) => e.seq)).toEqual([89, 90, 91]);
  await w.client.loadOlder('general');
  expect(past()).toEqual([38, 39, 40, 41]);
  expect(w.room()).toMatchObject({ past: { hasOlder: false }, hasOlder: true });
  const both = Promise.all([w.client.loadNewer('general'), w.client.loadNewer('general')]);
  expect(w.room().loading).toBe('newer');
  await both;
  expect(past()).toEqual([38, 39, 40, 41, 42, 88]);
  await w.client.loadNewer('general');
  expect(past()).toBeNull();
  expect(w.room().entries.map((e) => e.seq)).toEqual([38, 39, 40, 41, 42, 88, 89, 90, 91]);
  expect(w.room()).toMatchObject({ hasOlder: false, loading: 'none' });
});

test('the past goes when one says something, goes back to the end, or jumps elsewhere, also while it is on its way', async () => {
  await opened({ rooms: [welcomeRoom({ seq: 90, n: 90 })] }, page([rest(89), rest(90)], 90, true));
  const waiting: (() => void)[] = [];
  w.routes['GET /api/messages'] = (url) =>
    new Promise((resolve) => {
      const seq = Number(url.searchParams.get('around')!.slice(3));
      waiting.push(() => resolve(page([rest(seq)], 90, true)));
    });
  const jump = async (seq: number) => {
    const jumped = w.client.jump('general', `id-${seq}`);
    await w.pass();
    return jumped;
  };
  const [first, second] = [jump(40), jump(20)];
  await w.pass();
  for (const answer of waiting.splice(0).reverse()) answer();
  await Promise.all([first, second]);
  expect(w.room().past?.entries.map((e) => e.seq)).toEqual([20]);
  w.client.latest('general');
  expect(w.room().past).toBeNull();

  const third = jump(30);
  await w.pass();
  w.client.send('general', 'back at the end');
  waiting.pop()!();
  await third;
  expect(w.room().past).toBeNull();

  const fourth = jump(10);
  await w.pass();
  waiting.pop()!();
  await fourth;
  expect(w.room().past?.entries.map((e) => e.seq)).toEqual([10]);
  w.socket().hear({ type: 'reset', room: 'general', room_id: 'r-general', epoch: 'e-other', seq: 3, min_seq: 1 });
  expect(w.room().past).toBeNull();
});

test('the page and the stream make one list, whichever comes first', async () => {
  w = world();
  let answer: (a: ReturnType<typeof page>) => void = () => {};
  w.routes['GET /api/messages'] = () => new Promise((resolve) => (answer = resolve));
  w.client.start();
  await w.pass();
  await w.welcome({ rooms: [welcomeRoom({ seq: 2, n: 2 })] });
  void w.client.open('general');
  await w.pass();
  expect(w.room().loading).toBe('first');
  for (const seq of [3, 4]) w.socket().hear(message(seq));
  answer(page([rest(2), rest(3)], 3, true));
  await w.pass();
  w.socket().hear(message(5));
  expect(w.room().entries.map((e) => e.seq)).toEqual([2, 3, 4, 5]);
  expect(w.room()).toMatchObject({ loading: 'none', hasOlder: true });
});

test('a first page that cannot be loaded is tried again by itself', async () => {
  w = world();
  w.routes['GET /api/messages'] = () => ({ status: 503, body: { detail: 'busy', code: 'overloaded' } });
  w.client.start();
  await w.pass();
  await w.welcome();
  await w.client.open('general');
  expect(w.room()).toMatchObject({ loadError: 'busy', loading: 'none' });
  w.routes['GET /api/messages'] = () => page([rest(1)], 1);
  await w.pass(5000);
  expect(w.room()).toMatchObject({ loadError: null });
  expect(list()).toEqual(['text 1 sent']);
});

test('reset: what was held goes, what waits stays, and the newest page comes', async () => {
  await opened();
  w.socket().hear(message(1));
  w.client.send('general', 'waiting');
  w.routes['GET /api/messages'] = () => ({
    body: { messages: [rest(3, { id: 'other' })], epoch: 'epoch-2', as_of: 5, has_more: false },
  });
  w.socket().hear({ type: 'reset', room: 'general', room_id: 'r-general', epoch: 'epoch-2', seq: 4, min_seq: 1 });
  expect(list()).toEqual(['waiting pending']);
  await w.pass();
  expect(list()).toEqual(['text 3 sent', 'waiting pending']);
  expect(w.room().sync.cursor).toMatchObject({ epoch: 'epoch-2', seq: 4 });
});

test('who comes and goes: lines in the open room alone, one of each kind, with the names', async () => {
  await opened({ rooms: [welcomeRoom(), welcomeRoom({ room: 'help', room_id: 'r-help' })] });
  const does = (type: string, user: string, room = 'general') =>
    w.socket().hear({ type, room, user, user_id: `id-${user}` });
  w.socket().hear({ type: 'online_users', room: 'general', users: ['ann'], count: 1 });
  does('join', 'cid');
  does('join', 'bob');
  does('join', 'bob', 'help');
  expect(list()).toEqual(['join cid+bob']);
  expect(w.room()).toMatchObject({ users: ['ann', 'bob', 'cid'], online: 3 });
  does('leave', 'cid');
  expect(list()).toEqual(['join bob', 'leave cid']);
  does('join', 'cid');
  expect(list()).toEqual(['join bob+cid']);
  w.socket().hear(message(1));
  does('leave', 'bob');
  expect(list()).toEqual(['join bob+cid', 'text 1 sent', 'leave bob']);
  expect(w.client.getState().rooms.help).toMatchObject({ users: ['bob'], online: 1, entries: [] });
  w.socket().hear({ type: 'presence_delta', room: 'general', joined: ['x'], left: [], count: 140 });
  expect(w.room()).toMatchObject({ users: [], online: 140 });
});

test('changes: topic, archiving and membership; the removed learn whether they are back', async () => {
  await opened();
  const change = (seq: number, kind: string, data: unknown) =>
    w.socket().hear({
      type: 'change',
      room: 'general',
      seq,
      id: `c-${seq}`,
      kind,
      user: 'bob',
      user_id: BOB,
      data,
      timestamp: '2026-01-31T09:31:00.000Z',
    });
  change(1, 'topic', { topic: 'Where to eat' });
  change(2, 'archived', { archived: true });
  expect(w.client.getState().roomNames).toEqual([]);
  change(3, 'unarchived', { archived: false });
  change(4, 'poll', { question: '?' });
  expect(w.room()).toMatchObject({ topic: 'Where to eat', archived: false });
  expect(list()).toEqual(['topic bob', 'archived bob', 'unarchived bob']);
  change(5, 'member_removed', { user: 'ann', user_id: ANN });
  w.socket().sent = [];
  await w.pass(1000);
  expect(w.socket().of('subscribe')).toMatchObject([{ rooms: [{ room: 'general', seq: 5, id: 'c-5' }] }]);
  w.socket().hear({ type: 'error', code: 'forbidden', message: 'you were removed', ref: 'subscribe', room: 'general' });
  expect(w.client.getState()).toMatchObject({ roomNames: [], open: 'general' });
});

test('a skip stands for many entries where a stream begins', async () => {
  await opened();
  w.socket().hear({ type: 'skip', room: 'general', seq: 47 });
  w.socket().hear(message(48));
  w.socket().hear({ type: 'skip', room: 'general', seq: 50 }); // and here for one
  expect(w.room()).toMatchObject({ sync: { cursor: { seq: 48 } } });
});

test('state is shared: what nothing happened to keeps its identity', async () => {
  const many = Array.from({ length: 10_000 }, (_, i) => rest(i + 1));
  await opened(
    { rooms: [welcomeRoom({ seq: 10_000, n: 10_000 }), welcomeRoom({ room: 'help', room_id: 'r-help' })] },
    page(many, 10_000),
  );
  const before = w.client.getState();
  w.socket().hear(message(10_001));
  const after = w.client.getState();
  expect(after.rooms.help).toBe(before.rooms.help);
  expect(after.roomNames).toBe(before.roomNames);
  expect(after.people).not.toBe(before.people); // bob was heard of
  const [a, b] = [before.rooms.general!.entries, after.rooms.general!.entries];
  expect(b).toHaveLength(10_001);
  expect(b.slice(0, 10_000).every((e, i) => e === a[i])).toBe(true);
  w.socket().hear(message(10_002));
  expect(w.client.getState().people).toBe(after.people);
  w.socket().hear(message(10_002));
  w.socket().hear({ type: 'read', room: 'general', n: 0, version: 0 });
  const same = w.client.getState();
  w.socket().hear(message(5));
  expect(w.client.getState()).toBe(same);
  w.client.close();
  expect(w.room()).toMatchObject({ hasOlder: true, firstUnread: null });
  expect((w.room().entries.at(-1) as MessageEntry).seq).toBe(10_002);
  expect(w.room().entries.length).toBeLessThan(2000);
});

test('listeners are told at most about 60 times a second, and the last state always', async () => {
  await opened();
  await w.pass(100);
  let told = 0;
  let seen = 0;
  w.client.subscribe(() => {
    told++;
    seen = w.room().lastN;
  });
  for (let seq = 1; seq <= 100; seq++) w.socket().hear(message(seq));
  await w.pass(50);
  expect(told).toBe(2);
  expect(seen).toBe(100);
});

test('a list of rooms that was read before a change and comes after it undoes nothing', async () => {
  await opened();
  w.client.setVisible(true);
  const list = (seq: number, over: object = {}) => {
    const { id, name } = w.room();
    const told = {
      id,
      name,
      kind: 'public',
      topic: 'old',
      seq,
      n: 0,
      online: 1,
      unread: 0,
      read_n: 0,
      read_version: 0,
    };
    w.routes['GET /api/rooms'] = () => ({ body: { rooms: [{ ...told, ...over }] } });
    return w.pass(30_000);
  };
  const change = (seq: number, kind: string, data: unknown) =>
    w.socket().hear({
      ...{ type: 'change', room: 'general', seq, id: `c-${seq}`, kind, user: 'bob', user_id: BOB, data },
      timestamp: '2026-01-31T09:31:00.000Z',
    });
  change(1, 'topic', { topic: 'new' });
  change(2, 'archived', { archived: true });
  await list(0);
  expect(w.room()).toMatchObject({ topic: 'new', archived: true });
  await list(3, { topic: 'newer', archived: false });
  expect(w.room()).toMatchObject({ topic: 'newer', archived: false });
});

test('rooms: a new one of somebody else is found and subscribed; an unknown one cannot be opened', async () => {
  await opened();
  w.client.setVisible(true);
  const listed = {
    id: 'r-new',
    name: 'constructor',
    kind: 'public',
    topic: '',
    seq: 3,
    n: 3,
    online: 2,
    unread: 0,
    read_n: 0,
    read_version: 0,
    member: false,
  };
  w.routes['GET /api/rooms'] = () => ({ body: { rooms: [listed] } });
  w.socket().sent = [];
  await w.pass(30_000);
  expect(w.client.getState().roomNames).toEqual(['constructor', 'general']);
  expect(w.socket().of('subscribe')).toEqual([{ type: 'subscribe', rooms: [{ room: 'constructor' }] }]);
  await expect(w.client.open('valueof')).rejects.toMatchObject({ name: 'ApiError', code: 'not_found', status: 404 });
  expect(() => w.client.send('valueof', 'x')).toThrow('there is no room');
});
