import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type People, people } from '../src/people.ts';
import { ANN, type Answer, BOB, message, type World, world } from './fake.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const stamp = '2026-01-31T09:30:00.000Z';
const wants = { highlights: ['deploy'], dnd: {}, share_last_seen: false };

/** Somebody who is connected, to a server that knows ann and bob. */
async function connected(late = false): Promise<World & { people: People }> {
  const w = world();
  w.routes['GET /api/users'] = () => users({ state: 'away', status: { emoji: '🌴', until: stamp } });
  w.routes['GET /api/me/preferences'] = () => ({ body: wants });
  w.routes['GET /api/me/blocks'] = () => ({ body: { blocks: [] } });
  w.routes['GET /api/announcements'] = () => ({ body: { announcements: [notice('a1')] } });
  let them = late ? null : people(w.client);
  w.client.start();
  await w.pass();
  await w.welcome();
  them ??= people(w.client);
  await w.pass();
  return { ...w, people: them };
}

const users = (bob: Record<string, unknown>): Answer => ({
  body: { users: [{ id: BOB, name: 'bob', display: 'Bob', kind: 'member', role: 'member', ...bob }] },
});
const notice = (id: string) => ({ id, content: 'Down at six', user: 'ann', user_id: ANN, timestamp: stamp });
const where = ({ people: p }: { people: People }) => p.getState().whereabouts.get(BOB);
const says = ({ people: p }: { people: People }) => p.getState().statuses.get(BOB);

test('tells who is here and what they do, from the list and then by frames', async () => {
  const w = await connected();
  expect(where(w)).toEqual({ state: 'away', lastSeen: null });
  expect(says(w)).toEqual({ emoji: '🌴', text: '', until: Date.parse(stamp) });
  w.socket().hear({ type: 'user_presence', people: [{ user_id: BOB, state: 'offline', last_seen: stamp }] });
  w.socket().hear({ type: 'user_changed', user_id: BOB, user: 'bob', display: 'Bob' });
  expect(where(w)).toEqual({ state: 'offline', lastSeen: Date.parse(stamp) });
  expect(says(w)).toBeUndefined();
  expect(w.people.getState().preferences).toEqual(wants);
});

test('what a frame tells is newer than a list that is on its way, and a new connection reads it again', async () => {
  const w = await connected();
  let answer = (_: Answer) => {};
  w.routes['GET /api/users'] = () => new Promise<Answer>((resolve) => (answer = resolve));
  w.socket().end();
  await w.pass(5000);
  await w.welcome();
  await w.pass(2000);
  w.socket().hear({ type: 'user_presence', people: [{ user_id: BOB, state: 'dnd' }] });
  w.socket().hear({ type: 'user_changed', user_id: BOB, user: 'bob', display: 'Bob', status: { text: 'Lunch' } });
  answer(users({ state: 'online' }));
  await w.pass();
  expect([where(w)?.state, says(w)?.text]).toEqual(['dnd', 'Lunch']);

  w.routes['GET /api/users'] = () => users({ state: 'online' });
  w.socket().end();
  await w.pass(5000);
  await w.welcome();
  await w.pass(2000);
  expect([where(w)?.state, says(w)]).toEqual(['online', undefined]);
});

test('says what this person does, once, and on each connection again', async () => {
  const w = await connected();
  w.people.setActivity('active');
  expect(w.socket().of('activity')).toEqual([]);
  w.people.setActivity('away');
  w.people.setActivity('away');
  expect(w.socket().of('activity')).toEqual([{ type: 'activity', state: 'away' }]);
  w.socket().end();
  await w.pass(5000);
  expect(w.socket().of('activity')).toEqual([]);
  await w.welcome();
  expect(w.socket().of('activity')).toEqual([{ type: 'activity', state: 'away' }]);
});

test('announcements come by frames, and from before anybody listened', async () => {
  const w = await connected(true);
  const shown = () => w.people.getState().announcements.map((a) => a.id);
  expect(shown()).toEqual(['a1']);
  w.socket().hear({ type: 'announcement', ...notice('a2') });
  w.socket().hear({ type: 'announcement', ...notice('a2') });
  w.socket().hear({ type: 'announcement_ended', id: 'a1' });
  expect(shown()).toEqual(['a2']);
  w.socket().end();
  await w.pass(5000);
  await w.welcome();
  expect(shown()).toEqual([]);
});

test('who is blocked names nobody from then on, and what they said before is counted by the server', async () => {
  const w = await connected();
  const asked = () => w.asked.filter((a) => a.path === '/api/rooms').length;
  const hear = (seq: number) => w.socket().hear(message(seq, { mentions: [ANN] }));
  hear(1);
  expect(w.room().mentions).toBe(1);
  w.routes[`PUT /api/me/blocks/${BOB}`] = () => ({ status: 204 });
  const before = asked();
  await w.people.setBlocked(BOB, true);
  expect(asked()).toBe(before + 1);
  hear(2);
  expect(w.room()).toMatchObject({ unread: 2, mentions: 1 });

  // The same people are blocked after a cut: nothing is to be counted anew for it.
  const bob = { id: BOB, name: 'bob', display: 'Bob' };
  w.routes['GET /api/me/blocks'] = () => ({ body: { blocks: [bob] } });
  w.socket().end();
  await w.pass(5000);
  const cut = asked();
  await w.welcome();
  await w.pass(2000);
  expect(asked()).toBe(cut + 1); // as after every welcome
  expect(w.client.getState().blocked).toEqual(new Set([BOB]));
});

test('blocks and preferences change here, and preferences by another device', async () => {
  const w = await connected();
  w.routes[`PUT /api/me/blocks/${BOB}`] = () => ({ status: 204 });
  w.routes[`DELETE /api/me/blocks/${BOB}`] = () => ({ status: 204 });
  await w.people.setBlocked(BOB, true);
  expect(w.people.getState().blocked.get(BOB)?.name).toBe('bob');
  await w.people.setBlocked(BOB, false);
  expect(w.people.getState().blocked.size).toBe(0);
  w.socket().hear({ type: 'preferences', ...wants, highlights: [] });
  expect(w.people.getState().preferences).toEqual({ ...wants, highlights: [] });
  await expect(w.people.setPreferences(wants)).rejects.toThrow();
  expect(w.people.getState().preferences?.highlights).toEqual([]);
});
