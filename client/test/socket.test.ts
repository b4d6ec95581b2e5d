import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { State } from '../src/index.ts';
import { rest } from '../src/rest.ts';
import { ANN, ack, BOB, message, page, type World, welcomeRoom, world } from './fake.ts';

let w: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
});

afterEach(() => {
  w.client.stop();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function connected(
  options: Parameters<typeof world>[0] = {},
  over: Record<string, unknown> = {},
): Promise<World> {
  w = world(options);
  w.client.start();
  await w.pass();
  await w.welcome(over);
  return w;
}

const status = () => w.client.getState().status;

test('connects once, speaks parley.v1, and subscribes to all rooms of welcome in one frame', async () => {
  await connected({}, { rooms: [welcomeRoom(), welcomeRoom({ room: 'help', room_id: 'r-help', seq: 7 })] });
  expect(w.sockets).toHaveLength(1);
  expect(w.socket()).toMatchObject({ url: 'wss://chat.example/ws', protocols: ['parley.v1'] });
  expect(w.socket().of('subscribe')).toEqual([
    {
      type: 'subscribe',
      rooms: [expect.objectContaining({ room: 'general', seq: 0 }), expect.objectContaining({ room: 'help', seq: 7 })],
    },
  ]);
  expect(w.client.getState()).toMatchObject({
    status: 'connected',
    retryAt: null,
    me: { name: 'ann', role: 'owner' },
    workspace: { name: 'Acme', setUp: true },
    roomNames: ['general', 'help'],
  });
});

test('a base that is a sub-path holds for the socket and for REST; http makes ws; a token goes in the query of the socket and in the header of requests', async () => {
  await connected({ base: 'http://host:8080/chat/', token: async () => 'tok en' });
  expect(w.socket().url).toBe('ws://host:8080/chat/ws?token=tok+en');
  const me = w.asked.find((a) => a.path === '/api/me');
  expect(me?.headers.Authorization).toBe('Bearer tok en');
  w.client.stop();
  await connected();
  expect(w.socket().url).not.toContain('token');
  expect(w.asked.every((a) => a.headers.Authorization === undefined)).toBe(true);
});

test('pauses grow from 0.5 s to 30 s and begin anew after a good connection', async () => {
  await connected();
  await w.pass(60_000 - 1);
  w.socket().hear({ type: 'typing', room: 'general', user: 'bob', user_id: BOB });
  w.socket().end(1011);
  const pauses: number[] = [];
  for (let i = 0; i < 9; i++) {
    expect(status()).toBe('disconnected');
    pauses.push(w.client.getState().retryAt! - Date.now());
    const before = w.sockets.length;
    await w.pass(pauses.at(-1)! - 1);
    expect(w.sockets).toHaveLength(before);
    await w.pass(1);
    expect(w.sockets).toHaveLength(before + 1);
    expect(status()).toBe('connecting');
    w.socket().end();
  }
  expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  await w.pass(30_000);
  await w.welcome();
  await w.pass(10_000);
  w.socket().end(1011);
  expect(w.client.getState().retryAt! - Date.now()).toBe(500);
});

test('goodbye says when to come back', async () => {
  await connected();
  w.socket().hear({ type: 'goodbye', reconnect_after: 2310 });
  w.socket().end(1001);
  expect(w.client.getState()).toMatchObject({ status: 'disconnected', retryAt: Date.now() + 2310 });
});

test('4001: renews the session and connects at once; 4005: at once; 4002: signed out, and nothing more is tried', async () => {
  await connected();
  await w.pass(6000);
  w.socket().end(4001, 'expired');
  await w.pass();
  expect(w.asked.filter((a) => a.path === '/api/auth/refresh')).toHaveLength(1);
  expect(w.sockets).toHaveLength(2);
  await w.welcome();
  await w.pass(6000);
  w.socket().end(4005);
  await w.pass();
  expect(w.sockets).toHaveLength(3);
  await w.welcome();
  w.socket().end(4002, 'signed out elsewhere');
  await w.pass(120_000);
  expect(w.sockets).toHaveLength(3);
  expect(w.client.getState()).toMatchObject({
    status: 'signed_out',
    ended: { code: 4002, reason: 'signed out elsewhere' },
  });
  w.client.start();
  await w.pass();
  await w.welcome();
  expect(w.client.getState()).toMatchObject({ status: 'connected', ended: null });
});

test('4001 again and again does not become a storm', async () => {
  await connected();
  for (let i = 0; i < 20; i++) {
    w.socket().end(4001);
    await w.pass(1000);
    if (status() === 'connecting') await w.welcome();
  }
  expect(w.sockets.length).toBeLessThan(9);
});

test('a session that nobody has: signed out without an end; one that ended: signed out with 401', async () => {
  w = world();
  w.routes['GET /api/me'] = w.routes['POST /api/auth/refresh'] = () => ({
    status: 401,
    body: { detail: 'sign in first', code: 'unauthenticated' },
  });
  w.client.start();
  await w.pass();
  expect(w.client.getState()).toMatchObject({ status: 'signed_out', ended: null });
  await connected();
  w.routes['POST /api/auth/refresh'] = () => ({
    status: 401,
    body: { detail: 'the session has ended', code: 'unauthenticated' },
  });
  w.socket().end();
  await w.pass(1000);
  await w.pass(1000);
  w.socket().end(); // a 401 before the upgrade looks like this to a page
  await w.pass(5000);
  expect(w.client.getState()).toMatchObject({
    status: 'signed_out',
    ended: { code: 401, reason: 'the session has ended' },
  });
});

test('renews before the end by POST /api/auth/refresh and auth, and again by the answer; a failure is tried again', async () => {
  await connected({}, { expires_at: '2026-01-31T09:45:00Z' });
  await w.pass(13 * 60_000 + 59_000);
  expect(w.socket().of('auth')).toHaveLength(0);
  let failures = 2;
  const good = w.routes['POST /api/auth/refresh']!;
  w.routes['POST /api/auth/refresh'] = (...args) => (failures-- > 0 ? { status: 503, body: {} } : good(...args));
  await w.pass(1000 + 10_000);
  expect(w.socket().of('auth')).toEqual([{ type: 'auth', token: 'renewed' }]);
  w.socket().hear({ type: 'auth', expires_at: '2026-01-31T10:00:00.000Z' });
  await w.pass(14 * 60_000 + 10_000);
  expect(w.socket().of('auth')).toHaveLength(2);
  expect(w.sockets).toHaveLength(1);
});

test('a token of its own: asks the page first, and the server when the page has no newer one', async () => {
  let token = 'first';
  await connected({ token: async () => token }, { expires_at: '2026-01-31T09:45:00Z' });
  token = 'second';
  await w.pass(14 * 60_000);
  expect(w.socket().of('auth')).toEqual([{ type: 'auth', token: 'second' }]);
  w.socket().hear({ type: 'auth', expires_at: '2026-01-31T10:00:00Z' });
  await w.pass(15 * 60_000);
  expect(w.socket().of('auth').at(-1)).toEqual({ type: 'auth', token: 'renewed' });
  expect(w.asked.filter((a) => a.path === '/api/auth/refresh').at(-1)?.headers.Authorization).toBe('Bearer second');
  w.socket().end();
  await w.pass(1000);
  expect(w.socket().url).toContain('token=renewed');
});

test('somebody else signed in with this browser: the session here is over', async () => {
  await connected({}, { expires_at: '2026-01-31T09:45:00Z' });
  w.routes['POST /api/auth/refresh'] = () => ({
    body: { access_token: 't', token_type: 'Bearer', expires_in: 900, user: { id: BOB } },
  });
  await w.pass(15 * 60_000);
  expect(w.client.getState()).toMatchObject({ status: 'signed_out', ended: { code: 401 } });
  expect(w.socket().of('auth')).toHaveLength(0);
});

test('after 25 s of silence it asks; no answer in 10 s is a cut, an answer is not', async () => {
  await connected();
  await w.pass(25_000);
  expect(w.socket().of('ping')).toHaveLength(1);
  await w.pass(24_999);
  expect(w.socket().of('ping')).toHaveLength(1);
  w.socket().mute = true;
  await w.pass(1);
  expect(w.socket().of('ping')).toHaveLength(2);
  await w.pass(9_999);
  expect(status()).toBe('connected');
  await w.pass(1);
  expect(w.sockets[0]!.closedByClient).toBe(true);
  await w.pass(1);
  expect(w.sockets).toHaveLength(2);
});

test('a device that wakes up asks at once', async () => {
  await connected();
  await w.pass(1000);
  vi.setSystemTime(Date.now() + 3_600_000); // an hour in which no timer ran
  await w.pass(5000);
  expect(w.socket().of('ping')).toHaveLength(1);
});

test('the network is back: a pause ends at once, a connection is checked', async () => {
  const listeners: Record<string, () => void> = {};
  vi.stubGlobal('addEventListener', (name: string, run: () => void) => (listeners[name] = run));
  vi.stubGlobal('removeEventListener', (name: string) => delete listeners[name]);
  await connected();
  listeners.online!();
  expect(w.socket().of('ping')).toHaveLength(1);
  w.socket().end();
  expect(status()).toBe('disconnected');
  listeners.online!();
  await w.pass();
  expect(w.sockets).toHaveLength(2);
  w.client.stop();
  expect(listeners.online).toBeUndefined();
  vi.unstubAllGlobals();
});

test('the network is gone: the connection is checked at once, and given up when nothing answers', async () => {
  const listeners: Record<string, () => void> = {};
  vi.stubGlobal('addEventListener', (name: string, run: () => void) => (listeners[name] = run));
  vi.stubGlobal('removeEventListener', (name: string) => delete listeners[name]);
  await connected();
  w.socket().mute = true;
  listeners.offline!();
  expect(w.socket().of('ping')).toHaveLength(1);
  await w.pass(10_000);
  expect(w.sockets[0]!.closedByClient).toBe(true);
  w.client.stop();
  expect(listeners).toEqual({});
  vi.unstubAllGlobals();
});

test('what is no frame is ignored and told once; what is unknown is ignored in silence', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await connected();
  const before: State = w.client.getState();
  for (const bad of [
    '',
    'null',
    '[]',
    '{',
    '"x"',
    '{"type":7}',
    '{"type":"message"}',
    '{"type":"message","room":"general","seq":-1}',
    '{"type":"read","room":"general","n":1.5,"version":1}',
    '{"type":"welcome"}',
    '{"type":"online_users","room":"general","users":[1],"count":1}',
    '{"type":"typing","room":"__proto__","user":"x","user_id":"y"}',
  ])
    w.socket().hear(bad);
  w.socket().onmessage?.({ data: new ArrayBuffer(3) });
  w.socket().hear({ type: 'heads', rooms: [] });
  w.socket().hear({ type: 'constructor' });
  w.socket().hear(message(1, { room: 'constructor' }));
  w.socket().hear(message(1, { room: 'nowhere' }));
  expect(w.client.getState().rooms).toEqual(before.rooms);
  expect(warn).toHaveBeenCalledTimes(1);
  w.socket().hear({ type: 'poll', room: 'general', seq: 1, id: 'id-1' }); // an entry of a later version moves the cursor
  w.socket().hear(message(2));
  expect(w.room().sync.cursor?.seq).toBe(2);
});

test('the password was changed here: the old session ends, the socket follows the new one', async () => {
  await connected();
  w.routes['PUT /api/me/password'] = async () => {
    await Promise.resolve();
    w.socket().end(4002, 'the password was changed'); // comes before the answer
    return { body: { access_token: 'new', token_type: 'Bearer', expires_in: 900, user: { id: ANN } } };
  };
  await rest(w.client).changePassword('old', 'new');
  await w.pass();
  await w.welcome();
  expect(w.client.getState()).toMatchObject({ status: 'connected', ended: null });
});

test('signing out forgets everything and is no end to be told of', async () => {
  await connected();
  await w.client.open('general');
  w.socket().hear(message(1));
  w.routes['POST /api/auth/logout'] = () => {
    w.socket().end(4002, 'signed out');
    return { status: 204 };
  };
  await w.client.api.logout();
  expect(w.client.getState()).toMatchObject({ status: 'signed_out', ended: null, me: null, open: null, roomNames: [] });
  await w.pass(60_000);
  expect(w.sockets).toHaveLength(1);
});

test('another person on the next connection: nothing of the one before is left', async () => {
  await connected();
  await w.client.open('general');
  w.socket().hear(message(1));
  w.client.send('general', 'never heard');
  w.client.stop();
  w.client.start();
  await w.pass();
  await w.welcome({ user: 'bob', user_id: BOB });
  await w.pass(20_000);
  expect(w.client.getState()).toMatchObject({ me: { id: BOB, name: 'bob' }, open: 'general' });
  expect(w.room().entries).toEqual([]);
  expect(w.socket().of('message')).toEqual([]);
});

test('a gap is asked for once, from the cursor, and at most once a second', async () => {
  await connected();
  w.routes['GET /api/messages'] = () => page();
  await w.client.open('general');
  w.socket().hear(message(1));
  w.socket().sent = [];
  await w.pass(2000);
  w.socket().hear(message(4));
  w.socket().hear(message(5));
  const at = { room: 'general', epoch: expect.any(String), seq: 1, id: 'id-1' };
  expect(w.socket().of('subscribe')).toEqual([{ type: 'subscribe', rooms: [at] }]);
  w.socket().hear({
    type: 'subscribed',
    room: 'general',
    room_id: 'r-general',
    epoch: w.room().sync.cursor!.epoch,
    seq: 1,
    min_seq: 1,
  });
  w.socket().hear(message(5)); // a server that never closes the gap
  expect(w.socket().of('subscribe')).toHaveLength(1);
  await w.pass(1000);
  expect(w.socket().of('subscribe')).toHaveLength(2);
  w.socket().hear({
    type: 'subscribed',
    room: 'general',
    room_id: 'r-general',
    epoch: w.room().sync.cursor!.epoch,
    seq: 1,
    min_seq: 1,
  });
  for (const seq of [2, 3, 4, 5]) w.socket().hear(message(seq));
  w.socket().hear(ack('unknown', 3));
  expect(w.room().entries.map((e) => e.seq)).toEqual([1, 2, 3, 4, 5]);
});
