import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANN, ack, message, page, type World, welcomeRoom, world } from './fake.ts';

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
const sends = () =>
  w
    .socket()
    .of('message')
    .map((f) => f.content);
const rest = (seq: number, over: Record<string, unknown> = {}) => {
  const { type: _, ...m } = message(seq, over);
  return m;
};

test('what the server has rendered comes with the ack, the message and the page; plain has none', async () => {
  const html = '<p><strong>x</strong></p>';
  const htmls = () => w.room().entries.map((e) => (e.kind === 'message' ? e.html : undefined));
  await opened({}, page([rest(1, { html }), rest(2)], 2));
  w.socket().hear(message(1, { html }));
  w.socket().hear(message(2));
  const id = w.client.send('general', '**x**');
  expect(htmls()).toEqual([html, null, null]);
  w.socket().hear(ack(id, 3, { html }));
  w.socket().hear(message(4, { html }));
  w.socket().hear(message(5));
  w.socket().hear(ack(w.client.send('general', 'plain'), 6));
  expect(htmls()).toEqual([html, null, html, html, null, null]);
});

test('an own message is there at once, keeps its key when it is acked, and is not there twice', async () => {
  await opened();
  const id = w.client.send('general', 'hello');
  expect(list()).toEqual(['hello pending']);
  const { key } = w.room().entries[0]!;
  expect(w.socket().of('message')).toEqual([{ type: 'message', room: 'general', content: 'hello', client_id: id }]);
  w.socket().hear(message(1));
  w.socket().hear(ack(id, 2));
  w.socket().hear(ack(id, 2));
  expect(list()).toEqual(['text 1 sent', 'hello sent']);
  expect(w.room().entries[1]).toMatchObject({ key, id: 'id-2', seq: 2, n: 2, user: 'ann', userId: ANN });
  expect(w.room()).toMatchObject({ lastN: 2, unread: 0, readN: 2 });
});

test('refusals: a definite one fails with its words, and can be tried again or taken off; a conflict gets a new client_id', async () => {
  await opened();
  const id = w.client.send('general', 'hello');
  w.socket().hear({ type: 'error', code: 'forbidden', message: 'this room is archived', ref: id });
  expect(w.room().entries[0]).toMatchObject({ state: 'failed', error: 'this room is archived', code: 'forbidden' });
  w.client.retry('general', id);
  expect(sends()).toEqual(['hello', 'hello']);
  w.socket().hear({ type: 'error', code: 'conflict', message: 'used for another message', ref: id });
  w.client.retry('general', id);
  const again = w.socket().of('message').at(-1)!;
  expect(again.client_id).not.toBe(id);
  w.socket().hear(ack(again.client_id, 1));
  expect(list()).toEqual(['hello sent']);
  const other = w.client.send('general', 'never mind');
  w.client.discard('general', other); // it is on its way: too late to take it off
  expect(list()).toEqual(['hello sent', 'never mind pending']);
  w.socket().hear({ type: 'error', code: 'invalid', message: 'no', ref: other });
  w.client.discard('general', other);
  expect(list()).toEqual(['hello sent']);
});

test('too many at once: the same frames again after retry_after, in their order', async () => {
  await opened();
  const ids = ['a', 'b', 'c'].map((text) => w.client.send('general', text));
  w.socket().hear({ type: 'error', code: 'rate_limited', message: 'slow down', ref: ids[1], retry_after: 400 });
  w.socket().hear({ type: 'error', code: 'overloaded', message: 'busy', ref: ids[2], retry_after: 250 });
  w.socket().hear(ack(ids[0]!, 1));
  w.client.send('general', 'd');
  await w.pass(399);
  expect(sends()).toEqual(['a', 'b', 'c']);
  await w.pass(1);
  expect(sends()).toEqual(['a', 'b', 'c', 'b', 'c', 'd']);
  expect(list()).toEqual(['a sent', 'b pending', 'c pending', 'd pending']);
});

test('faults of the server: tried again, four times at most', async () => {
  await opened();
  const id = w.client.send('general', 'hello');
  w.socket().hear({ type: 'error', code: 'unknown_outcome', message: 'it may have been stored', ref: id });
  await w.pass(1000);
  expect(sends()).toHaveLength(2);
  for (let i = 0; i < 4; i++) {
    expect(list()).toEqual(['hello pending']);
    w.socket().hear({ type: 'error', code: 'internal', message: 'fault 123', ref: id });
    await w.pass(10_000);
  }
  expect(list()).toEqual(['hello failed']);
  expect(sends()).toHaveLength(5);
});

test('what is too long is not sent', async () => {
  await opened();
  w.client.send('general', 'x'.repeat(8001));
  w.client.send('general', '🙂'.repeat(8000));
  expect(sends().map((s) => [...s].length)).toEqual([8000]);
  expect(w.room().entries[0]).toMatchObject({ state: 'failed', code: 'too_large' });
});

test('a cut: what was unanswered goes again once the past has been replayed, with the same client_id; what was stored is not sent again', async () => {
  await opened({ rooms: [welcomeRoom({ seq: 0 })] });
  const [stored, lost] = [w.client.send('general', 'stored'), w.client.send('general', 'lost')];
  w.socket().end();
  const offline = w.client.send('general', 'offline');
  expect(list()).toEqual(['stored pending', 'lost pending', 'offline pending']);
  await w.pass(1000);
  await w.welcome({ rooms: [welcomeRoom({ seq: 2, n: 2 })] });
  expect(sends()).toEqual([]); // the past is not here yet
  w.socket().hear(message(1));
  w.socket().hear(message(2, { user: 'ann', user_id: ANN, content: 'stored', client_id: stored }));
  expect(
    w
      .socket()
      .of('message')
      .map((f) => f.client_id),
  ).toEqual([lost, offline]);
  w.socket().hear(ack(lost, 3));
  w.socket().hear(ack(offline, 4));
  expect(list()).toEqual(['text 1 sent', 'stored sent', 'lost sent', 'offline sent']);
});

test('a direct ack of what was stored long ago settles the message without moving the cursor', async () => {
  await opened({}, page([rest(8), rest(9)], 9, true));
  const id = w.client.send('general', 'hello');
  expect(w.room().sync.cursor?.seq).toBe(0);
  for (let seq = 1; seq <= 9; seq++) w.socket().hear(message(seq));
  w.socket().hear(ack(id, 5));
  expect(list()).toEqual(['text 8 sent', 'text 9 sent']); // it lies before what is loaded
  expect(w.room().sync.cursor?.seq).toBe(9);
});

test('what waits in a room that is gone is sent all the same and fails with the words of the server; the room goes with it', async () => {
  const help = welcomeRoom({ room: 'help', room_id: 'r-help' });
  await opened({ rooms: [welcomeRoom(), help] });
  const no = (ref: string) => ({
    type: 'error',
    code: 'not_found',
    message: 'there is no room general',
    ref,
    room: 'general',
  });
  const gone = { content: 'too late', state: 'failed', error: 'there is no room general' };
  w.socket().end();
  const id = w.client.send('general', 'too late');
  await w.pass(1000);
  await w.welcome({ rooms: [help] });
  expect(w.socket().of('subscribe')).toMatchObject([{ rooms: [{ room: 'help' }] }]);
  expect(sends()).toEqual(['too late']);
  w.socket().hear(no(id));
  expect(w.room().entries).toMatchObject([gone]);
  w.client.discard('general', id);
  w.socket().end();
  await w.pass(2000);
  await w.welcome({ rooms: [welcomeRoom(), help] });
  expect(w.client.getState().roomNames).toEqual(['general', 'help']);

  const other = w.client.send('general', 'too late');
  w.socket().hear(no('subscribe'));
  expect(list()).toEqual(['too late pending']);
  w.socket().hear(no(other));
  expect(w.room().entries).toMatchObject([gone]);
  w.client.discard('general', other);
  w.socket().end();
  await w.pass(2000);
  await w.welcome({ rooms: [help] });
  expect(w.client.getState().roomNames).toEqual(['help']);
});
