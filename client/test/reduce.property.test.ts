import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stored as messageOf } from '../src/reduce-room.ts';
import type { MessageEntry } from '../src/types.ts';
import { Model, ROOM } from './model.ts';

/** Every step that the world may take, the bad ones as well. */
const steps: Record<string, (m: Model, x: number) => void> = {
  others: (m, x) => void m.store('message', 'user-other', `theirs ${x}`, `other-${m.log.length}-${m.epoch}`),
  elsewhere: (m, x) =>
    void m.store('message', 'user-me', `from another device ${x}`, `elsewhere-${m.log.length}-${m.epoch}`),
  topic: (m, x) => void m.store('topic', 'user-other', `topic ${x}`, ''),
  edit: (m, x) => m.alter('edit', 'user-other', x),
  editMine: (m, x) => m.alter('edit', 'user-me', x),
  delete: (m, x) => m.alter('delete', 'user-other', x),
  react: (m, x) => m.alter('react', x % 2 ? 'user-other' : 'user-third', x),
  reactMine: (m, x) => m.alter('react', 'user-me', x),
  unreact: (m, x) => m.alter('unreact', ['user-other', 'user-third', 'user-me'][x % 3]!, x),
  pin: (m, x) => m.alter('pin', 'user-other', x),
  unpin: (m, x) => m.alter('unpin', 'user-other', x),
  reply: (m, x) => m.reply('user-other', x),
  how: (m, x) => {
    m.fromLog = x % 2 === 0;
  },
  unknown: (m) => void m.store('later', 'user-other', '', ''),
  hidden: (m) => void m.store('hidden', 'user-other', '', ''),
  deliver: (m, x) => {
    for (let i = 0; i <= x % 5; i++) m.deliver();
  },
  drop: (m) => {
    if (m.wire[0]?.type !== 'welcome') dropOne(m);
  },
  double: (m) => {
    if (m.wire[0] && m.wire[0].type !== 'welcome') m.wire.unshift(m.wire[0]);
  },
  swap: (m) => swapTwo(m),
  connect: (m) => m.connect(),
  cut: (m) => m.cut(),
  restore: (m, x) => m.restore(x % 4),
  load: (m) => {
    if (!m.room || m.room.sync.paged) return;
    m.apply({ type: 'loading', room: ROOM, what: 'first' });
    m.askPage(null);
  },
  older: (m) => {
    const first = m.messages.find((e) => e.state === 'sent');
    if (m.room?.hasOlder && first) m.askPage(first.seq);
  },
  jump: (m, x) => {
    const said = m.log.filter((e) => e.kind === 'message');
    if (said.length > 0) m.askAround(said[x % said.length]!.id, null);
  },
  newer: (m) => {
    const last = m.room?.past?.entries.at(-1);
    if (last) m.askAround(null, last.seq);
  },
  olderStill: (m) => {
    const first = m.room?.past?.entries[0];
    if (m.room?.past?.hasOlder && first) m.askPage(first.seq);
  },
  latest: (m) => m.apply({ type: 'latest', room: ROOM }),
  page: (m) => m.deliverPage(),
  say: (m) => m.say(),
  flush: (m) => m.flush(),
};

/**
 * Only what has a number may get lost: after a cut, a `subscribed` that is missing is asked for again. The first of a stream
 * may not: a skip that comes in its place, perhaps much later, stands for all that is before it.
 */
function dropOne(m: Model): void {
  if (m.wire[1]?.type === 'skip' || m.room?.sync.begun) return;
  const type = m.wire[0]?.type;
  if (type === 'message' || type === 'change' || type === 'ack' || type === 'entry' || type === 'skip') m.wire.shift();
}

function swapTwo(m: Model): void {
  const [a, b] = m.wire;
  if (
    !a ||
    !b ||
    [a, b].some((f) => f.type === 'welcome' || f.type === 'subscribed' || f.type === 'reset' || f.type === 'skip')
  )
    return;
  m.wire.splice(0, 2, b, a);
}

const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(50));

test('whatever happens on the way, a client ends with what the server has: nothing lost, nothing twice, in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (run) => {
      const m = new Model();
      for (const [name, x] of run) {
        m.now += 10;
        steps[name]!(m, x);
        whole(m);
      }
      m.store('message', 'user-other', 'the last', 'last'); // what was dropped is noticed by what follows
      m.settle();
      m.list();
      m.store('message', 'user-other', 'the very last', 'very last');
      m.settle();
      converged(m);
    }),
    { numRuns: 200 },
  );
});

/** whole is what holds at all times. */
function whole(m: Model): void {
  const keys = new Set<string>();
  const said = new Set<string>();
  let last = 0;
  for (const e of m.room?.entries ?? []) {
    if (keys.has(e.key)) throw new Error(`two entries have the key ${e.key}`);
    keys.add(e.key);
    if (e.seq !== null && e.seq <= last) throw new Error(`${e.seq} stands behind ${last}`);
    last = e.seq ?? last;
    if (e.kind === 'notice' || e.clientId === '') continue;
    if (said.has(e.clientId)) throw new Error(`${e.content} is there twice`);
    said.add(e.clientId);
  }
  past(m);
  if (m.room && m.room.unread < 0) throw new Error(`unread is ${m.room.unread}`);
}

/** past holds what is shown of the past to the server's log: no message is missing in it, and none is another's. */
function past(m: Model): void {
  const { past, sync } = m.room ?? {};
  if (!past || past.epoch !== m.epoch) return;
  const shown = past.entries.map((e) => [e.seq, e.id]);
  if (shown.length === 0) throw new Error('the past is empty');
  const [from, to] = [past.entries[0]!.seq!, past.entries.at(-1)!.seq!];
  const stored = m.log.filter((e) => e.kind === 'message' && e.seq >= from && e.seq <= to);
  expect(shown).toEqual(stored.map((e) => [e.seq, e.id]));
  if (past.hasOlder !== m.log.some((e) => e.kind === 'message' && e.seq < from)) throw new Error('hasOlder is wrong');
  const end = m.messages.find((e) => e.state === 'sent');
  if (sync?.paged && sync.cursor?.epoch === past.epoch && end && to >= end.seq!)
    throw new Error('the past has met the end and is still there');
}

/** end holds that the list is one piece of the log, once its newest page has come. */
function end(m: Model): void {
  const { sync } = m.room ?? {};
  if (!sync?.paged || sync.refill || sync.cursor?.epoch !== m.epoch) return;
  const sent = m.messages.filter((e) => e.state === 'sent');
  const from = sent[0]?.seq;
  if (from === undefined || from === null) return;
  const stored = m.log.filter((e) => e.kind === 'message' && e.seq >= from && e.seq <= sync.cursor!.seq);
  expect(sent.map((e) => e.seq).filter((seq) => seq! <= sync.cursor!.seq)).toEqual(stored.map((e) => e.seq));
}

/** shown is what one sees of a message. */
const shown = ({ key: _, time: _t, clientId: _c, user: _u, ...seen }: MessageEntry) => seen;

test('a list of rooms that was read before one spoke makes nothing unread', () => {
  const m = new Model();
  m.connect();
  m.settle();
  for (let i = 0; i < 3; i++) m.say();
  m.settle();
  const early = m.listed();
  for (let i = 0; i < 3; i++) m.say();
  m.settle();
  expect(m.room!.unread).toBe(0);
  m.apply(early);
  expect(m.room!.unread, 'unread after the early list').toBe(0);
  m.list();
  expect(m.room!.unread).toBe(0);
});

/** The past and the list grow towards each other, and the list is the one that closes the gap. */
const fromBothSides: [string, number][] = [
  ['older', 0],
  ['page', 0],
  ['jump', 12],
  ['page', 0],
  ['newer', 0],
  ['older', 0],
  ['page', 0],
  ['page', 0],
];

test('the past is one piece of the room wherever one jumps, and joins the end when it gets there', () => {
  let joined = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.nat(50), (run, x) => {
      const m = new Model();
      for (let i = 0; i < 30; i++) m.store('message', 'user-other', `before ${i}`, `before-${i}`);
      m.connect();
      m.settle();
      for (const [name, y] of run) {
        m.now += 10;
        steps[name]!(m, y);
        whole(m);
        end(m);
      }
      m.settle();
      steps.jump!(m, x);
      m.deliverPage();
      for (let i = 0; m.room!.past !== null; i++) {
        if (i > 30) throw new Error('the past never meets the end');
        steps.newer!(m, 0);
        m.deliverPage();
        whole(m);
        joined++;
      }
      m.store('message', 'user-other', 'the last', 'last');
      m.settle();
      m.list();
      converged(m);
    }),
    { numRuns: 200, examples: [[fromBothSides, 0]] },
  );
  expect(joined, 'pages that led from the past to the end').toBeGreaterThan(100);
});

function converged(m: Model): void {
  whole(m);
  const sent = m.messages.filter((e) => e.state === 'sent');
  expect(m.messages.length, 'nothing waits').toBe(sent.length);
  const stored = m.log.filter((e) => e.kind === 'message');
  const from = m.room!.hasOlder ? sent[0]!.seq! : 0;
  const expected = stored.filter((e) => e.seq >= from);
  expect(sent.map(shown)).toEqual(expected.map((e) => shown(messageOf(m.row(e), ''))));
  expect(m.room!.sync.cursor).toMatchObject({ epoch: m.epoch, seq: m.log.length });
  expect(m.room!.lastN).toBe(stored.at(-1)!.n);
  if (m.readVersion > 0) expect(m.room!.unread).toBe(stored.at(-1)!.n - m.readN);
}

test('every send is stored once, however often connections break', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (run) => {
      const m = new Model();
      m.connect();
      m.settle();
      for (const [name, x] of run) if (name !== 'restore' && name !== 'drop') steps[name]!(m, x);
      m.settle();
      for (const [id, content] of m.sends)
        expect(m.log.filter((e) => e.clientId === id).map((e) => e.content)).toEqual([content]);
      m.store('message', 'user-other', 'the last', 'last');
      m.settle();
      m.list();
      converged(m);
    }),
    { numRuns: 200 },
  );
});
