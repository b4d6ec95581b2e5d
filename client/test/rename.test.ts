/** Rooms that get other names, come and go, and what a person is in them. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { initial, reduce } from '../src/reduce.ts';
import type { State } from '../src/types.ts';
import { ANN, ack, BOB, message, page, type World, welcomeRoom, world } from './fake.ts';

/** So many rooms exchange so many names, so that they often take each other's. */
const ids = ['1', '2', '3'];
const names = ['a', 'b', 'c', 'd'];

const step = fc.oneof(
  fc.record({ what: fc.constant('rename' as const), id: fc.constantFrom(...ids), name: fc.constantFrom(...names) }),
  fc.record({ what: fc.constantFrom('say' as const, 'draft' as const, 'open' as const), id: fc.constantFrom(...ids) }),
  fc.record({ what: fc.constantFrom('cut' as const, 'back' as const, 'list' as const, 'late' as const) }),
);

test('rooms keep what waits in them, their drafts and the screen, whatever they are called and whenever that is heard', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state: State = { ...initial, me: null };
      let [up, seq, said] = [false, 0, 0];
      const called = new Map(ids.map((id, i) => [id, names[i]!]));
      const want = new Map(ids.map((id) => [id, { waits: [] as string[], draft: '' }]));
      let open: string | null = null;
      const apply = (event: Parameters<typeof reduce>[1]) => {
        state = reduce(state, event);
      };
      const of = (id: string) => Object.values(state.rooms).find((r) => r.id === id)!;
      const list = () =>
        ids.map((id) => ({
          ...{ id, name: called.get(id)!, kind: 'public' as const, topic: '', online: 0 },
          ...{ seq, n: 0, unread: 0, read_n: 0, read_version: 0 },
        }));
      let late = list();
      const back = () => {
        const rooms = ids.map((id) => ({ ...welcomeRoom({ room: called.get(id), room_id: id, seq }) }));
        const frame = { type: 'welcome', protocol: '', user: 'ann', user_id: ANN, kind: 'member', limits: {}, rooms };
        apply({ type: 'frame', frame: frame as never, now: 1 });
        const live = rooms.map((r) => ({ ...r, type: 'subscribed' as const, min_seq: 1 }));
        for (const r of live) apply({ type: 'frame', frame: { ...r, seq: of(r.room_id).sync.cursor!.seq }, now: 1 });
        up = true;
      };
      back();
      for (const s of steps) {
        switch (s.what) {
          case 'rename': {
            const was = called.get(s.id)!;
            if ([...called.values()].includes(s.name)) break;
            called.set(s.id, s.name);
            seq++;
            if (!up) break;
            apply({ type: 'frame', frame: { type: 'room_renamed', room: s.name, room_id: s.id, was }, now: 1 });
            const change = { type: 'change' as const, kind: 'renamed', id: `c${seq}`, user: 'bob', user_id: BOB };
            const data = { name: s.name, was };
            const room = of(s.id);
            // The stream of that room alone goes on; the others pass over the number.
            for (const each of Object.values(state.rooms))
              apply({
                type: 'frame',
                frame:
                  each.id === room.id
                    ? { ...change, room: each.name, seq, data, timestamp: '2026-01-31T09:30:00Z' }
                    : { type: 'skip', room: each.name, seq },
                now: 1,
              });
            break;
          }
          case 'say': {
            const clientId = `m${++said}`;
            apply({ type: 'send', room: of(s.id).name, clientId, content: 'hello', now: 1 });
            want.get(s.id)!.waits.push(clientId);
            break;
          }
          case 'draft':
            apply({ type: 'draft', room: of(s.id).name, text: `d${++said}` });
            want.get(s.id)!.draft = `d${said}`;
            break;
          case 'open':
            apply({ type: 'open', room: of(s.id).name, now: 1 });
            open = s.id;
            break;
          case 'cut':
            apply({ type: 'cut' });
            up = false;
            break;
          case 'back':
            back();
            break;
          case 'list':
            late = list();
            break;
          case 'late':
            if (up) apply({ type: 'rooms', rooms: late });
            break;
        }
        for (const id of ids) {
          const room = of(id);
          const { waits, draft } = want.get(id)!;
          expect(room.entries.map((e) => e.kind === 'message' && e.clientId).filter(Boolean)).toEqual(waits);
          expect(state.drafts[room.name] ?? '').toBe(draft);
          expect(state.rooms[room.name]).toBe(room);
          if (up) expect(room.name).toBe(called.get(id));
        }
        expect(Object.keys(state.rooms).length).toBe(ids.length);
        expect([...state.roomNames]).toEqual(Object.keys(state.rooms).sort());
        expect(open === null ? null : of(open).name).toBe(state.open);
      }
    }),
    { numRuns: process.env.PARLEY_SOAK ? 5000 : 150 },
  );
});

let w: World;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-31T09:30:00Z') });
  w = world();
});

afterEach(() => {
  w.client.stop();
  vi.useRealTimers();
});

async function opened(rooms = [welcomeRoom({ kind: 'private', role: 'member' })]): Promise<void> {
  w.client.start();
  await w.pass();
  await w.welcome({ rooms });
  await w.client.open('general');
}

const state = () => w.client.getState();
const hear = (frame: unknown) => w.socket().hear(frame);
const change = (seq: number, kind: string, data: Record<string, unknown>, over = {}) => ({
  ...{ type: 'change', room: 'general', seq, id: `c${seq}`, kind, data },
  ...{ user: 'bob', user_id: BOB, timestamp: '2026-01-31T09:30:00Z', ...over },
});
const renamed = { type: 'room_renamed', room: 'plaza', room_id: 'r-general', was: 'general' };

describe('a room with another name', () => {
  test('is the same under its old one: frames, pages and what a page does that has not heard of it', async () => {
    await opened();
    hear(renamed);
    const id = w.client.send('general', 'still here');
    expect(w.socket().of('message').at(-1)).toMatchObject({ room: 'plaza', client_id: id });
    hear(ack(id, 1));
    hear(message(2, { room: 'plaza' }));
    w.client.setDraft('general', 'half');
    expect(state().rooms.plaza!.entries).toHaveLength(2);
    expect(state()).toMatchObject({ open: 'plaza', drafts: { plaza: 'half' }, renamed: { general: 'plaza' } });
    hear({ ...renamed, room: 'general', was: 'plaza' });
    hear(message(3));
    expect(state().rooms.general!.entries).toHaveLength(3);
  });

  test('what was read there is told under the new one, though another room was told of with that name', async () => {
    await opened([
      welcomeRoom({ n: 3, unread: 3, seq: 3 }),
      welcomeRoom({ room: 'b', room_id: 'r-b', n: 3, unread: 3, seq: 3 }),
    ]);
    w.client.seen('b');
    await w.pass(2000);
    hear({ type: 'room_renamed', room: 'c', room_id: 'r-b', was: 'b' });
    hear({ ...renamed, room: 'b' });
    w.client.seen('b');
    await w.pass(5000);
    const told = w.socket().of('read');
    expect(told.filter((f) => f.room === 'b' && f.n === 3)).toHaveLength(2);
    expect(told.some((f) => f.room === 'c' && f.n === 3)).toBe(true);
  });

  test('is found by an old link, also one that was opened without a connection', async () => {
    const answer = { id: 'r-general', name: 'plaza', kind: 'public', topic: '', seq: 0, n: 0, unread: 0, read_n: 0 };
    w.client.start();
    await w.pass();
    await expect(w.client.open('general')).rejects.toThrow();
    w.routes['GET /api/rooms/general'] = () => ({ body: { ...answer, read_version: 0, online: 0 } });
    await w.welcome({ rooms: [welcomeRoom({ room: 'plaza' })] });
    expect(state()).toMatchObject({ open: 'plaza', renamed: { general: 'plaza' } });
    expect(state().rooms.plaza!.sync.paged).toBe(true);
  });
});

test('what slow mode holds up is said when it may be, and holds up no other room', async () => {
  await opened([welcomeRoom({ slow_mode: 30 }), welcomeRoom({ room: 'help', room_id: 'r-help' })]);
  const said = () =>
    w
      .socket()
      .of('message')
      .map((f) => f.content);
  const id = w.client.send('general', 'too early');
  hear({ type: 'error', code: 'rate_limited', message: 'slow mode', ref: id, retry_after: 20_000 });
  w.client.send('general', 'after it');
  w.client.send('help', 'elsewhere');
  expect(said()).toEqual(['too early', 'elsewhere']);
  await w.pass(19_000);
  expect(said()).toHaveLength(2);
  await w.pass(1_000);
  expect(said()).toEqual(['too early', 'elsewhere', 'too early', 'after it']);
});

describe('what a room is', () => {
  test('comes with welcome, with the list and with changes, and a late list undoes nothing', async () => {
    await opened();
    const room = () => state().rooms.general!;
    expect(room()).toMatchObject({ kind: 'private', role: 'member', readOnly: false, slowMode: 0, people: [] });
    hear(change(1, 'settings', { read_only: true, slow_mode: 30, history: 'joined' }));
    hear(change(2, 'role', { user: 'ann', user_id: ANN, role: 'moderator' }));
    hear(change(3, 'settings', { read_only: true, slow_mode: 60, history: 'joined' }));
    const settled = { role: 'moderator', readOnly: true, slowMode: 60, history: 'joined' };
    expect(room()).toMatchObject(settled);
    const listed = { id: 'r-general', name: 'general', kind: 'private', topic: '', n: 0, unread: 0, read_n: 0 };
    w.routes['GET /api/rooms'] = () => ({
      body: { rooms: [{ ...listed, seq: 2, read_version: 0, online: 0, role: 'member' }] },
    });
    await w.client.refreshRooms();
    expect(room()).toMatchObject(settled);
    const notices = room().entries.map((e) => (e.kind === 'notice' ? [e.notice, e.users, e.by, e.text] : e));
    expect(notices).toEqual([
      ['read_only', ['bob'], null, null],
      ['role', ['ann'], 'bob', 'moderator'],
      ['slow_mode', ['bob'], null, '60'],
    ]);
  });

  test.each([
    [{ reason: 'spam', banned: true }, { by: 'bob', reason: 'spam', banned: true, left: false }, 'member_banned'],
    [{}, { by: 'bob', reason: '', banned: false, left: false }, 'member_removed'],
    [{ left: true }, { by: 'bob', reason: '', banned: false, left: true }, 'member_left'],
  ])('one who is taken out hears why: %j', async (data, why, notice) => {
    await opened();
    hear(change(1, 'member_removed', { user: 'ann', user_id: ANN, ...data }));
    expect(state().rooms.general!.entries).toMatchObject([{ notice, text: why.reason || null }]);
    hear({ type: 'room_removed', room: 'general', room_id: 'r-general' });
    expect(state().rooms.general).toBeUndefined();
    expect(state()).toMatchObject({ roomNames: [], removed: { room: 'general', kind: 'private', ...why } });
    await w.pass(5000);
    expect(w.socket().of('subscribe'), 'a room that was left is not asked for again').toHaveLength(1);
    hear({ type: 'room_added', room: 'general', room_id: 'r-general', topic: '', kind: 'private' });
    expect(state().removed).toBeNull();
    expect(w.socket().of('subscribe')).toHaveLength(2);
  });

  test('why one lost a room is heard also behind the loss', async () => {
    await opened();
    hear({ type: 'room_removed', room: 'general', room_id: 'r-general' });
    expect(state().removed).toMatchObject({ room: 'general', kind: 'private', by: '' });
    hear(change(1, 'member_removed', { user: 'ann', user_id: ANN, reason: 'spam' }));
    expect(state().rooms.general).toBeUndefined();
    expect(state().removed).toMatchObject({ room: 'general', kind: 'private', by: 'bob', reason: 'spam' });
  });

  test('a direct one that begins comes with its people', async () => {
    await opened();
    const people = [{ id: BOB, name: 'bob' }];
    hear({ type: 'room_added', room: 'dm-a', room_id: 'r-a', topic: '', kind: 'direct', people });
    hear({
      type: 'room_added',
      room: 'dm-b',
      room_id: 'r-b',
      topic: '',
      kind: 'direct',
      people: [{ id: 'x', name: 'al' }],
    });
    hear({ type: 'room_added', room: 'zebra', room_id: 'r-z', topic: '' });
    expect(state().rooms['dm-a']).toMatchObject({ kind: 'direct', people });
    expect(state().roomNames).toEqual(['dm-a', 'dm-b', 'general', 'zebra']);
    w.routes['GET /api/messages'] = () => page();
    await w.pass();
    expect(w.asked.filter((a) => a.path === '/api/rooms').length, 'what is unread there is asked for').toBeGreaterThan(
      1,
    );
  });
});
