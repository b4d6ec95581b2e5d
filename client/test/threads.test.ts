import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MessageEntry } from '../src/index.ts';
import { type Threads, threads } from '../src/threads.ts';
import { ANN, type Answer, BOB, greet, message, page, type World, welcomeRoom, world } from './fake.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Said {
  seq: number;
  id: string;
  user: string;
  content: string;
  edited?: boolean;
  deleted?: boolean;
  emoji: number;
  client: string;
  thread: string;
}

const ROOT = 'id-1';

/** A server with one room, in which everything is about one message, and what it tells one connection. */
class ThreadServer {
  readonly w: World;
  readonly t: Threads;
  /** Replies, the root first. */
  readonly said: Said[] = [];
  /** What was told of each number of the room's sequence. */
  readonly log: ((now: boolean) => Record<string, unknown>)[] = [];
  epoch = (page().body as { epoch: string }).epoch;
  readSeq = 0;
  following = false;
  /** Pages of this size. */
  readonly size = 5;
  up = true;
  /** Answers that were made and have not arrived. */
  readonly held: (() => void)[] = [];
  holding = false;
  #sent = 0; // entries that the connection has been told of

  constructor() {
    this.w = world();
    this.t = threads(this.w.client);
    const root = message(1, { content: 'root', user_id: BOB });
    this.said.push({ seq: 1, id: ROOT, user: BOB, content: 'root', emoji: 0, client: 'client-1', thread: '' });
    this.log.push(() => root);
    const { routes } = this.w;
    routes['GET /api/messages'] = (url) => this.#answer(() => this.#page(url.searchParams));
    routes[`GET /api/rooms/general/messages/${ROOT}`] = () =>
      this.#answer(() => ({ body: { ...this.#rest(this.said[0]!), following: this.following } }));
    routes['GET /api/threads/unread'] = () => this.#answer(() => this.#unread());
    routes['POST /api/messages'] = (_, init) => this.#answer(() => this.#post(init));
    routes[`POST /api/rooms/general/messages/${ROOT}/read`] = (_, init) =>
      this.#answer(() => {
        this.readSeq = Math.max(this.readSeq, JSON.parse(init.body as string).seq);
        this.#tell({ type: 'thread_read', room: 'general', thread: ROOT, read_seq: this.readSeq, unread: this.unread });
        return { body: { read_seq: this.readSeq, unread: this.unread } };
      });
    routes[`PUT /api/rooms/general/messages/${ROOT}/following`] = (_, init) =>
      this.#answer(() => {
        this.following = JSON.parse(init.body as string).following;
        this.#tell({ type: 'thread_follow', room: 'general', thread: ROOT, following: this.following });
        return { body: { following: this.following } };
      });
  }

  get replies(): Said[] {
    return this.said.slice(1);
  }

  get unread(): number {
    return this.replies.filter((m) => m.seq > this.readSeq && m.user !== ANN && !m.deleted).length;
  }

  async start(): Promise<void> {
    this.w.client.start();
    await this.w.pass();
    await this.welcome();
  }

  async welcome(): Promise<void> {
    this.up = true;
    greet(this.w.socket(), { rooms: [welcomeRoom({ seq: this.log.length, n: 1, epoch: this.epoch })] });
    const asked = this.w.socket().of('subscribe').at(-1)?.rooms[0];
    this.#sent = asked?.seq ?? this.log.length;
    this.flush();
    await this.w.pass();
  }

  /** flush tells the connection what it has not been told. replayed entries know of what came after them. */
  flush(): void {
    const replayed = this.#sent < this.log.length - 1;
    while (this.up && this.#sent < this.log.length) this.#tell(this.log[this.#sent++]!(replayed));
  }

  /** deliver tells one entry, as it was when it happened. */
  deliver(): void {
    if (this.up && this.#sent < this.log.length) this.#tell(this.log[this.#sent++]!(false));
  }

  cut(): void {
    if (!this.up) return;
    this.up = false;
    this.w.socket().end();
  }

  reply(user: string, content: string, client = `other-${this.log.length}`): Said {
    const m: Said = {
      seq: this.log.length + 1,
      id: `id-${this.log.length + 1}`,
      user,
      content,
      emoji: 0,
      client,
      thread: ROOT,
    };
    this.said.push(m);
    if (user === ANN) {
      this.following = true;
      this.readSeq = m.seq;
    }
    const then = { ...this.#frame(m), replies: this.sum };
    this.log.push((now) => (now ? { ...this.#frame(m), replies: this.sum } : then));
    return m;
  }

  change(m: Said, kind: string, change: () => void, data: () => Record<string, unknown>): void {
    change();
    const seq = this.log.length + 1;
    const frame = {
      type: 'change',
      room: 'general',
      seq,
      id: `id-${seq}`,
      kind,
      message: m.id,
      user: 'bob',
      user_id: BOB,
    };
    const timestamp = '2026-01-31T09:30:00.125Z';
    const then = data();
    this.log.push((now) => ({ ...frame, timestamp, data: now ? data() : then }));
  }

  edit(m: Said, content: string): void {
    if (m.deleted) return;
    this.change(
      m,
      'edit',
      () => Object.assign(m, { content, edited: true }),
      () => (m.deleted ? { deleted: true } : { content: m.content, edited: '2026-01-31T09:31:00.000Z' }),
    );
  }

  remove(m: Said): void {
    if (m.deleted) return;
    this.change(
      m,
      'delete',
      () => Object.assign(m, { content: '', deleted: true, edited: false, emoji: 0 }),
      () => (m.thread ? { thread: ROOT, replies: this.sum } : {}),
    );
  }

  react(m: Said): void {
    if (m.deleted) return;
    this.change(
      m,
      'react',
      () => m.emoji++,
      () => ({ emoji: '👍', count: m.emoji, first: 1, users: [{ id: BOB, name: 'bob' }] }),
    );
  }

  /** What a client must hold that has everything. */
  fresh() {
    const replies = this.replies.map((m) => shownOf(m));
    return { root: shownOf(this.said[0]!), count: this.replies.filter((m) => !m.deleted).length, replies };
  }

  /** What the client holds. */
  shown() {
    const thread = this.t.getState().threads[ROOT]!;
    return {
      root: entryOf(thread.root!),
      count: thread.root!.replies?.count ?? 0,
      replies: thread.replies.filter((m) => m.state === 'sent').map(entryOf),
    };
  }

  #tell(frame: Record<string, unknown>): void {
    if (this.up) this.w.socket().hear(frame);
  }

  /** answer makes an answer now; while answers are held it arrives later. */
  #answer(make: () => Answer): Answer | Promise<Answer> {
    if (!this.up) throw new TypeError('the network is away');
    const answer = make();
    if (!this.holding) return answer;
    return new Promise((resolve) => this.held.push(() => resolve(answer)));
  }

  get sum() {
    const left = this.replies.filter((m) => !m.deleted);
    const users = [{ id: BOB, name: 'bob' }];
    return { count: left.length, last_seq: left.at(-1)?.seq ?? 0, last: '2026-01-31T09:30:00.125Z', users };
  }

  #frame(m: Said): Record<string, unknown> {
    const { n: _, ...frame } = message(m.seq, {
      user_id: m.user,
      content: m.content,
      client_id: m.client,
      thread: m.thread,
    });
    return {
      ...frame,
      ...(m.deleted ? { deleted: true } : {}),
      ...(m.edited ? { edited: '2026-01-31T09:31:00.000Z' } : {}),
    };
  }

  #rest(m: Said): Record<string, unknown> {
    const reactions = [{ emoji: '👍', count: m.emoji, first: 1, users: [{ id: BOB, name: 'bob' }], me: false }];
    const { type: _, ...frame } = this.#frame(m);
    const sum = this.sum;
    return {
      ...frame,
      ...(m.emoji ? { reactions } : {}),
      ...(m.thread === '' ? { n: 1, ...(sum.count ? { replies: sum } : {}) } : {}),
    };
  }

  #page(query: URLSearchParams): Answer {
    if (!query.has('thread')) return page([], this.log.length);
    const before = Number(query.get('before') ?? Infinity);
    const all = this.replies.filter((m) => m.seq < before);
    const messages = all.slice(-this.size).map((m) => this.#rest(m));
    return { body: { messages, epoch: this.epoch, as_of: this.log.length, has_more: all.length > this.size } };
  }

  #unread(): Answer {
    const unread = this.following ? this.unread : 0;
    return { body: { threads: unread ? 1 : 0, followed: unread ? [{ room: 'general', thread: ROOT, unread }] : [] } };
  }

  #post(init: RequestInit): Answer {
    const { content } = JSON.parse(init.body as string);
    const key = (init.headers as Record<string, string>)['Idempotency-Key']!;
    const m = this.said.find((each) => each.client === key) ?? this.reply(ANN, content, key);
    return { status: 201, body: this.#rest(m) };
  }
}

const shownOf = (m: Said) => ({
  id: m.id,
  content: m.content,
  edited: m.edited === true,
  deleted: m.deleted === true,
  likes: m.emoji,
});
const entryOf = (m: MessageEntry) => ({
  id: m.id,
  content: m.content,
  edited: m.edited !== null,
  deleted: m.deleted,
  likes: m.reactions[0]?.count ?? 0,
});

async function opened(replies = 3): Promise<ThreadServer> {
  const s = new ThreadServer();
  for (let i = 0; i < replies; i++) s.reply(BOB, `reply ${i}`);
  await s.start();
  await s.t.open('general', ROOT);
  return s;
}

test('a thread is loaded, and what happens in it comes live and after a cut', async () => {
  const s = await opened();
  expect(s.shown()).toEqual(s.fresh());
  s.reply(BOB, 'live');
  s.flush();
  expect(s.shown().replies.at(-1)!.content).toBe('live');
  s.cut();
  s.edit(s.replies[0]!, 'edited meanwhile');
  s.remove(s.replies[1]!);
  s.react(s.said[0]!);
  s.reply(BOB, 'said meanwhile');
  await s.w.pass(2000);
  await s.welcome();
  expect(s.shown()).toEqual(s.fresh());
  expect(s.w.client.getState().rooms.general!.entries, 'the room has none of it').toEqual([]);
});

test('replies have none themselves, and who is named follows once the server says so', async () => {
  const s = await opened(1);
  s.w
    .socket()
    .hear(
      message(9, { seq: s.log.length + 1, id: 'named', n: undefined, thread: ROOT, mentions: [ANN], replies: s.sum }),
    );
  const t = () => s.t.getState().threads[ROOT]!;
  expect(
    t()
      .replies.map((m) => [m.id, m.replies])
      .at(-1),
  ).toEqual(['named', null]);
  expect(t().root!.replies).toEqual(s.sum);
  expect(t().following).toBe(false);
  s.w.socket().hear({ type: 'thread_follow', room: 'general', thread: ROOT, following: true });
  expect(t().following).toBe(true);
});

test('whether one follows and what is saved is asked again after a cut, of the thread that is open and of others when they are opened', async () => {
  const s = await opened(2);
  const t = () => s.t.getState().threads[ROOT]!;
  const root = s.w.routes[`GET /api/rooms/general/messages/${ROOT}`]!;
  s.w.routes[`GET /api/rooms/general/messages/${ROOT}`] = async (url, init) => {
    const answer = await root(url, init);
    return { ...answer, body: { ...(answer.body as object), saved: true } };
  };
  s.cut();
  s.following = true;
  await s.w.pass(2000);
  await s.welcome();
  expect([t().following, t().root!.saved]).toEqual([true, true]);
  s.t.close();
  s.cut();
  s.following = false;
  await s.w.pass(4000);
  await s.welcome();
  expect(t().following).toBe(true);
  await s.t.open('general', ROOT);
  expect(t().following).toBe(false);
});

test('earlier replies come in pages, and what changed while they were on their way is right', async () => {
  const s = await opened(12);
  expect(s.shown().replies).toHaveLength(5);
  s.holding = true;
  const older = s.t.loadOlder(ROOT);
  s.edit(s.replies[4]!, 'edited on the way');
  s.flush();
  s.held.shift()!();
  await older;
  expect(s.shown()).toEqual({ ...s.fresh(), replies: s.fresh().replies.slice(2) });
});

test('what one says is pending, stored once, and keeps its key; without a connection it waits', async () => {
  const s = await opened(1);
  const id = s.t.send(ROOT, 'mine');
  const last = () => s.t.getState().threads[ROOT]!.replies.at(-1)!;
  expect(last()).toMatchObject({ key: id, state: 'pending', content: 'mine', thread: ROOT });
  expect(s.t.unsaved()).toBe(true);
  await s.w.pass();
  s.flush();
  expect(last()).toMatchObject({ key: id, state: 'sent', content: 'mine' });
  expect(s.t.unsaved()).toBe(false);
  s.cut();
  s.t.send(ROOT, 'one');
  s.t.send(ROOT, 'two');
  await s.w.pass(2000);
  expect(s.replies.map((m) => m.content)).toEqual(['reply 0', 'mine']);
  await s.welcome();
  await s.w.pass(2000);
  s.flush();
  expect(s.shown().replies.map((m) => m.content)).toEqual(['reply 0', 'mine', 'one', 'two']);
  expect(s.t.getState().threads[ROOT]!.following).toBe(true);
});

test('an answer that got lost makes no second reply; a refusal keeps the text, to be tried again or taken off', async () => {
  const s = await opened(0);
  const post = s.w.routes['POST /api/messages']!;
  s.w.routes['POST /api/messages'] = async (url, init) => {
    await post(url, init);
    s.w.routes['POST /api/messages'] = post;
    throw new TypeError('the answer got lost');
  };
  s.t.send(ROOT, 'once');
  await s.w.pass(2000);
  s.flush();
  expect(s.replies.map((m) => m.content)).toEqual(['once']);
  expect(s.shown()).toEqual(s.fresh());

  s.w.routes['POST /api/messages'] = () => ({ status: 403, body: { code: 'forbidden', detail: 'nobody may' } });
  const id = s.t.send(ROOT, 'refused');
  await s.w.pass();
  const last = () => s.t.getState().threads[ROOT]!.replies.at(-1);
  expect(last()).toMatchObject({ state: 'failed', error: 'nobody may', code: 'forbidden', content: 'refused' });
  s.w.routes['POST /api/messages'] = post;
  s.t.retry(ROOT, id);
  await s.w.pass();
  expect(s.replies.map((m) => m.content)).toEqual(['once', 'refused']);
  s.w.routes['POST /api/messages'] = () => ({ status: 403, body: { code: 'forbidden', detail: 'nobody may' } });
  const other = s.t.send(ROOT, 'given up');
  await s.w.pass();
  s.t.discard(ROOT, other);
  expect(last()).toMatchObject({ content: 'refused', state: 'sent' });
});

test('followed threads count what is unread, on this device and after reading on another; one that is looked at is read', async () => {
  const s = new ThreadServer();
  s.reply(ANN, 'mine');
  s.reply(BOB, 'before the connection');
  await s.start();
  const unread = () => s.t.getState().unread[ROOT]?.unread ?? 0;
  expect([unread(), s.t.getState().unreadThreads]).toEqual([1, 1]);
  s.reply(BOB, 'another');
  s.flush();
  expect(unread()).toBe(2);
  s.remove(s.replies.at(-1)!);
  s.flush();
  await s.w.pass(2000);
  expect(unread()).toBe(1);
  s.w.socket().hear({ type: 'thread_read', room: 'general', thread: ROOT, read_seq: 9, unread: 0 });
  expect([unread(), s.t.getState().unreadThreads]).toEqual([0, 0]);

  await s.t.open('general', ROOT);
  s.reply(BOB, 'while nobody looks');
  s.flush();
  expect(unread()).toBe(1);
  s.w.client.setVisible(true);
  await s.w.pass();
  expect([unread(), s.unread]).toEqual([0, 0]);
  s.reply(BOB, 'while one looks');
  s.flush();
  expect(unread()).toBe(0);
  await s.w.pass(2000);
  expect(s.unread).toBe(0);
});

test('the line stands before what was unread when the thread was opened', async () => {
  const s = new ThreadServer();
  s.following = true;
  for (let i = 0; i < 4; i++) s.reply(BOB, `reply ${i}`);
  s.readSeq = s.replies[1]!.seq;
  await s.start();
  s.w.client.setVisible(true);
  await s.t.open('general', ROOT);
  expect(s.t.getState().threads[ROOT]!.firstUnread).toBe(s.replies[2]!.seq);
  await s.t.open('general', ROOT);
  expect(s.t.getState().threads[ROOT]!.firstUnread).toBeNull();
});

test('nobody is counted in a thread that they do not follow, and following it is told on all devices', async () => {
  const s = await opened(1);
  s.reply(BOB, 'not for me');
  s.flush();
  await s.w.pass(2000);
  expect(s.t.getState().unread).toEqual({});
  const asked = () => s.w.asked.filter((a) => a.path === '/api/threads/unread').length;
  const before = asked();
  s.reply(BOB, 'again');
  s.flush();
  await s.w.pass(2000);
  expect(asked(), 'it is known that nobody follows').toBe(before);
  await s.t.follow('general', ROOT, true);
  expect(s.t.getState().threads[ROOT]!.following).toBe(true);
  s.w.routes[`PUT /api/rooms/general/messages/${ROOT}/following`] = () => ({ status: 500, body: {} });
  await expect(s.t.follow('general', ROOT, false)).rejects.toThrow();
  expect(s.t.getState().threads[ROOT]!.following).toBe(true);
});

test('nothing of a room stays that one was removed from, nor of whoever was signed in before', async () => {
  const s = await opened(2);
  s.following = true;
  s.reply(BOB, 'unread');
  s.flush();
  await s.w.pass(2000);
  const data = { user: 'ann', user_id: ANN };
  const seq = s.log.length + 1;
  s.w.socket().hear({
    type: 'change',
    room: 'general',
    seq,
    id: 'x',
    kind: 'member_removed',
    user: 'bob',
    user_id: BOB,
    data,
    timestamp: '2026-01-31T09:30:00.125Z',
  });
  await s.w.pass(20);
  expect(s.t.getState()).toMatchObject({ threads: {}, unread: {} });
});

test('a thread goes on when its room gets another name', async () => {
  const s = await opened(2);
  s.following = true;
  s.reply(BOB, 'unread');
  s.flush();
  await s.w.pass(2000);
  s.w.socket().hear({ type: 'room_renamed', room_id: 'r-general', room: 'plaza', was: 'general' });
  await s.w.pass(50);
  expect(s.t.getState().threads[ROOT]).toMatchObject({ room: 'plaza' });
  expect(s.t.getState().threads[ROOT]!.replies).toHaveLength(3);
});

test('a thread goes on when its room got another name while there was no connection', async () => {
  const s = await opened(2);
  s.cut();
  await s.w.pass(2000);
  s.up = true;
  const seq = s.log.length;
  greet(s.w.socket(), { rooms: [welcomeRoom({ room: 'plaza', seq, n: 1, epoch: s.epoch })] });
  const { n: _, ...reply } = message(seq + 1, { room: 'plaza', user_id: BOB, thread: ROOT });
  s.w.socket().hear(reply);
  await s.w.pass();
  expect(s.t.getState().threads[ROOT]).toMatchObject({ room: 'plaza' });
  expect(s.t.getState().threads[ROOT]!.replies).toHaveLength(3);
});

test('of many threads that were opened the last ones stay, and those in which something waits', async () => {
  const s = await opened(1);
  s.cut();
  s.t.send(ROOT, 'waits');
  for (let i = 0; i < 40; i++) await s.t.open('general', `other-${i}`);
  const left = Object.keys(s.t.getState().threads);
  expect(left).toHaveLength(32);
  expect(left).toEqual(expect.arrayContaining([ROOT, 'other-39', 'other-9']));
});

test('after a reset the thread is loaded afresh, and what waits is kept', async () => {
  const s = await opened(3);
  s.cut();
  s.t.send(ROOT, 'waits');
  s.edit(s.replies[0]!, 'edited, and nobody is told');
  await s.w.pass(2000);
  s.up = true;
  s.holding = true;
  const { socket } = s.w;
  socket().hear({
    type: 'welcome',
    protocol: 'parley.v1',
    user: 'ann',
    user_id: ANN,
    kind: 'member',
    limits: { content: 8000, frame: 65536, rooms: 1000, subscribe: 200, sends_open: 64 },
    rooms: [welcomeRoom({ seq: s.log.length, n: 1 })],
  });
  const position = { room: 'general', room_id: 'r-general', epoch: s.epoch, seq: s.log.length, min_seq: 1 };
  socket().hear({ type: 'reset', ...position });
  expect(s.t.getState().threads[ROOT]!.replies.map((m) => m.content)).toEqual(['waits']);
  s.holding = false;
  for (let i = 0; i < 20; i++) {
    s.held.shift()?.();
    await s.w.pass(200);
  }
  expect(s.shown().replies.map((m) => m.content)).toContain('edited, and nobody is told');
  expect(s.replies.at(-1)!.content).toBe('waits');
});

const steps: Record<string, (s: ThreadServer, x: number) => unknown> = {
  theirs: (s, x) => s.reply(BOB, `theirs ${x}`),
  elsewhere: (s, x) => s.reply(ANN, `from another device ${x}`),
  edit: (s, x) => s.edit(s.said[x % s.said.length]!, `edited ${x}`),
  remove: (s, x) => (s.said.length > 1 && x % 3 === 0 ? s.remove(s.replies[x % s.replies.length]!) : undefined),
  react: (s, x) => s.react(s.said[x % s.said.length]!),
  deliver: (s) => s.deliver(),
  flush: (s) => s.flush(),
  send: (s, x) => (s.t.getState().threads[ROOT] ? s.t.send(ROOT, `mine ${x}`) : undefined),
  older: (s) => void s.t.loadOlder(ROOT),
  hold: (s) => {
    s.holding = true;
  },
  arrive: (s) => s.held.shift()?.(),
  cut: (s) => s.cut(),
  connect: async (s) => {
    if (s.up) return;
    while (s.w.socket().readyState !== 0) await s.w.pass(500);
    await s.welcome();
  },
};

test('state + events == fresh load: whatever happens in a thread, also across cuts', async () => {
  const step = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(30));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (run) => {
      const s = await opened(8);
      for (const [name, x] of run) {
        await steps[name]!(s, x);
        await s.w.pass(10);
      }
      s.holding = false;
      for (let i = 0; s.held.length > 0 || i < 3; i++) {
        s.held.shift()?.();
        await s.w.pass(5);
      }
      if (!s.up) await steps.connect!(s, 0);
      for (let i = 0; i < 50 && (s.t.unsaved() || i < 2); i++) {
        await s.w.pass(1500);
        s.flush();
      }
      const shown = s.shown();
      const whole = s.fresh();
      expect(shown).toEqual({ ...whole, replies: whole.replies.slice(-shown.replies.length) });
      expect(shown.replies.length).toBeGreaterThanOrEqual(Math.min(5, whole.replies.length));
      expect(s.t.getState().unread[ROOT]?.unread ?? 0).toBe(s.following ? s.unread : 0);
      s.w.client.stop();
    }),
    { numRuns: 60 },
  );
});
