import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Heard, onMessage } from '../src/heard.ts';
import { ANN, ack, BOB, greet, message, page, type World, welcomeRoom, world } from './fake.ts';

let w: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
});

afterEach(() => {
  w.client.stop();
  vi.useRealTimers();
});

const two = (seq = 0) => ({
  rooms: [welcomeRoom({ seq, n: seq }), welcomeRoom({ room: 'help', room_id: 'r-help', seq, n: seq })],
});

async function connected(over: Record<string, unknown> = {}): Promise<Heard[]> {
  w = world();
  w.routes['GET /api/messages'] = () => page();
  const heard: Heard[] = [];
  onMessage(w.client, (m) => heard.push(m));
  w.client.start();
  await w.pass();
  await w.welcome(over);
  return heard;
}

const told = (heard: Heard[]) => heard.map((m) => `${m.room} ${m.n}${m.past ? ' past' : ''}`);

test('each message is told of once, of rooms on screen or not, and what was said before the connection as that', async () => {
  const heard = await connected(two());
  await w.client.open('general');
  w.socket().hear(message(1));
  w.socket().hear(message(1)); // replayed
  w.socket().hear(message(1, { room: 'help' }));
  w.socket().hear(message(2, { room: 'help', user_id: ANN, user: 'ann' })); // this person, elsewhere
  w.socket().hear(message(9)); // one is missing before it
  w.socket().hear(message(1, { room: 'unknown' }));
  expect(told(heard)).toEqual(['general 1', 'help 1', 'help 2']);
  expect(heard[0]).toMatchObject({ id: 'id-1', user: 'bob', content: 'text 1' });

  w.socket().end();
  await w.pass(1000);
  greet(w.socket(), two(3));
  for (const seq of [2, 3, 4]) w.socket().hear(message(seq));
  expect(told(heard).slice(3)).toEqual(['general 2 past', 'general 3 past', 'general 4']);
});

test('a message names this person by their name, or as one of those who are named together', async () => {
  const heard = await connected();
  const hear = (seq: number, over: Record<string, unknown>) => w.socket().hear(message(seq, over));
  hear(1, {});
  hear(2, { mentions: [BOB, ANN] });
  hear(3, { mentions_all: 'here' });
  hear(4, { mentions_all: 'room' }); // they are no member
  hear(5, { mentions: [ANN], user_id: ANN });
  w.client.link.apply((state) => ({ ...state, blocked: new Set([BOB]) }));
  hear(6, { mentions: [ANN], mentions_all: 'here' });
  expect(heard.map((m) => m.names)).toEqual([false, true, true, false, false, false]);
});

test('what is said here, and pages of history, are no news; and a listener can end', async () => {
  const heard = await connected();
  const others: Heard[] = [];
  const end = onMessage(w.client, (m) => others.push(m));
  w.routes['GET /api/messages'] = () => page([{ ...message(1), type: undefined }], 1);
  await w.client.open('general');
  const id = w.client.send('general', 'mine');
  await w.pass();
  w.socket().hear(ack(id, 1));
  expect(heard).toEqual([]);
  end();
  w.socket().hear(message(2));
  expect(told(heard)).toEqual(['general 2']);
  expect(others).toEqual([]);
});

test('a room is marked as read without being looked at, and its line goes', async () => {
  await connected(two());
  await w.client.open('general');
  w.socket().hear(message(1));
  expect(w.room()).toMatchObject({ unread: 1, firstUnread: 1 });
  w.client.seen('general');
  expect(w.room()).toMatchObject({ unread: 0, readN: 1, firstUnread: null });
  expect(w.socket().of('read')).toEqual([{ type: 'read', room: 'general', n: 1 }]);
  const { rooms } = w.client.getState();
  w.client.seen('general'); // nothing to read
  w.client.seen('nowhere');
  expect(w.client.getState().rooms).toBe(rooms);
});

test('all rooms are marked as read, and the server is told of all within a second', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `room-${n}`);
  await connected({
    rooms: names.map((room) =>
      welcomeRoom({ room, room_id: room, seq: 4, n: 4, read_n: 2, read_version: 1, unread: 2 }),
    ),
  });
  w.client.allSeen();
  expect(Object.values(w.client.getState().rooms).map((r) => r.unread)).toEqual(names.map(() => 0));
  await w.pass(1000);
  expect(
    w
      .socket()
      .of('read')
      .map((f) => `${f.room} ${f.n}`)
      .sort(),
  ).toEqual(names.map((name) => `${name} 4`).sort());
  await w.pass(5000);
  expect(w.socket().of('read')).toHaveLength(12);
});
