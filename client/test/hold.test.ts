import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hold } from '../src/hold.ts';
import { greet, message, page, type World, welcomeRoom, world } from './fake.ts';

let w: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
  w = world();
});

afterEach(() => {
  w.client.stop();
  vi.useRealTimers();
});

const rooms = { rooms: [welcomeRoom(), welcomeRoom({ room: 'random', room_id: 'r-random' })] };
const pages = () => w.asked.filter((a) => a.path.startsWith('/api/messages')).map((a) => a.path);

test('the first hold starts the client, the last release stops it, and the second release of a hold counts for nothing', async () => {
  const [one, two] = [hold(w.client, 'general'), hold(w.client, 'general')];
  await w.pass();
  await w.welcome(rooms);
  expect(w.client.getState()).toMatchObject({ status: 'connected', open: 'general' });
  one.release();
  one.release();
  await w.pass();
  expect(w.client.getState().open).toBe('general');
  two.release();
  expect(w.client.getState().status).toBe('connected'); // perhaps another one takes hold at once
  await w.pass();
  expect(w.client.getState()).toMatchObject({ status: 'disconnected', open: null });
  expect(w.socket().closedByClient).toBe(true);
  hold(w.client, 'general');
  await w.pass();
  expect(w.sockets).toHaveLength(2);
});

test('a client that the page has started is not stopped', async () => {
  w.client.start();
  await w.pass();
  await w.welcome(rooms);
  const { release } = hold(w.client, 'general');
  await w.pass();
  release();
  await w.pass();
  expect(w.client.getState()).toMatchObject({ status: 'connected', open: null });
});

test('from one room to the next: one connection; the room before comes back when the next is released', async () => {
  const first = hold(w.client, 'general');
  await w.pass();
  await w.welcome(rooms);
  first.release();
  const second = hold(w.client, 'random');
  await w.pass();
  expect(w.client.getState().open).toBe('random');
  const third = hold(w.client, 'general');
  await w.pass();
  expect(w.client.getState().open).toBe('general');
  third.release();
  await w.pass();
  expect(w.client.getState().open).toBe('random');
  second.release();
  await w.pass();
  expect(w.sockets).toHaveLength(1);
});

test('a room that is held and not on screen is loaded again after a reset, and when loading failed', async () => {
  hold(w.client, 'general');
  await w.pass();
  await w.welcome(rooms);
  hold(w.client, 'random');
  await w.pass();
  w.routes['GET /api/messages'] = () => ({ status: 503, body: { code: 'overloaded', detail: 'busy' } });
  const position = { room_id: 'r-general', epoch: 'another', seq: 7, min_seq: 1 };
  w.socket().hear({ type: 'reset', room: 'general', ...position });
  await w.pass();
  expect(w.room()).toMatchObject({ entries: [], loadError: 'busy' });
  const { type: _, ...stored } = message(7);
  w.routes['GET /api/messages'] = () => ({ body: { ...(page([stored], 7).body as object), epoch: 'another' } });
  await w.pass(2000);
  expect(w.room().entries).toMatchObject([{ content: 'text 7' }]);
});

test('a room that is not there: opened rejects with what the server says', async () => {
  const { opened } = hold(w.client, 'nowhere');
  const failed = expect(opened).rejects.toMatchObject({ code: 'not_found', message: 'there is nothing here' });
  await w.pass();
  greet(w.socket(), rooms);
  await w.pass();
  await failed;
  expect(pages()).toEqual([]);
});
