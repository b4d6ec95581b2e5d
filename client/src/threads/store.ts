/** Keeps a client's threads in step: frames come from the client; pages, sends and what was read go over REST. */
import { routeOf } from '../api.ts';
import { oldestSeq } from '../entries.ts';
import { nameOf } from '../names.ts';
import { type ChangeFrame, isMessage, type MessageFrame, type ServerFrame } from '../protocol.ts';
import { record } from '../reduce.ts';
import { after, type Page, stored } from '../reduce-room.ts';
import { ApiError } from '../request.ts';
import type { Threads } from '../threads.ts';
import type { Client, MessageEntry, State, Timer } from '../types.ts';
import { uuidv7 } from '../uuid.ts';
import { Sends } from './sends.ts';
import * as thread from './thread.ts';
import { type Count, Unread } from './unread.ts';

type Thread = thread.Thread;
type Stored = Omit<MessageFrame, 'type'>;
/** The root as REST has it. */
type Root = Stored & { following?: boolean };

export interface ThreadsState {
  /** The thread on screen, by the id of its root. */
  readonly open: string | null;
  /** Those that were opened, by the ids of their roots. */
  readonly threads: Readonly<Record<string, Thread>>;
  /** How much is unread in the threads that one follows, where something is, by the ids of their roots. */
  readonly unread: Readonly<Record<string, Count>>;
  /** Number of threads with something unread. */
  readonly unreadThreads: number;
}

const initial: ThreadsState = { open: null, threads: record({}), unread: record({}), unreadThreads: 0 };

/** So many threads that are not on screen stay loaded, besides those in which something waits. */
const KEPT = 30;
/** Between two times of telling what was read in a thread, in milliseconds. */
const READ_EVERY = 1000;

export class ThreadStore implements Threads {
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  readonly #sends: Sends;
  readonly #unread: Unread;
  /** What came in while a page of a thread was on its way: the page may be older. */
  readonly #late = new Map<string, (MessageFrame | ChangeFrame)[]>();
  readonly #read = new Map<string, number>(); // root -> seq that was told
  /** Threads of which something may have been missed that no entry of the room tells: whether they are followed, what is saved. */
  readonly #stale = new Set<string>();
  #state = initial;
  #me: string | null = null;
  #connected = false;
  #reading: Timer | null = null;

  constructor(client: Client) {
    this.#client = client;
    const { clock } = client.link;
    this.#sends = new Sends(clock, {
      connected: () => this.#connected,
      threads: () => Object.values(this.#state.threads),
      post: (t, reply) => this.#post(t, reply),
      stored: (root, reply) => this.#in(root, (t) => thread.replied(t, reply, this.#me ?? '')),
      failed: (root, clientId, { message: error, code }) =>
        this.#in(root, (t) => thread.waiting(t, clientId, (m) => ({ ...m, state: 'failed', error, code }))),
    });
    this.#unread = new Unread(clock, {
      connected: () => this.#connected,
      ask: () => this.#askUnread(),
      tell: (counts) =>
        this.#set({ ...this.#state, unread: record(Object.fromEntries(counts)), unreadThreads: counts.size }),
    });
    client.link.onFrame((frame, isNew) => this.#frame(frame, isNew));
    client.subscribe(() => this.#follow(client.getState()));
    this.#follow(client.getState());
  }

  getState(): ThreadsState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    const entry = () => listener(); // the same listener may come twice
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  async open(room: string, root: string): Promise<void> {
    const known = this.#state.threads[root] ?? thread.newThread(room, root);
    const others = Object.values(this.#state.threads).filter((t) => t.id !== root);
    const settled = others.filter((t) => t.replies.every((r) => r.state === 'sent'));
    const old = new Set(settled.slice(0, Math.max(0, settled.length - KEPT)));
    const kept = others.filter((t) => !old.has(t)).map((t) => [t.id, t]);
    const threads = record<Thread>(Object.fromEntries(kept), { [root]: { ...known, firstUnread: null } });
    this.#set({ ...this.#state, open: root, threads });
    const unread = this.#unread.count(root);
    await this.#load(root);
    await this.#refresh(root);
    if (this.#state.open === root) this.#in(root, (t) => thread.opened(t, unread, this.#me ?? ''));
    this.#look();
  }

  close(): void {
    this.#set({ ...this.#state, open: null });
  }

  async loadOlder(root: string): Promise<void> {
    const t = this.#state.threads[root];
    const before = t ? oldestSeq(t.replies) : null;
    if (!t?.hasOlder || before === null || t.loading !== 'none') return;
    await this.#page(root, 'older', async () => {
      const page = await this.#ask(t, { before });
      this.#in(root, (now) => thread.pagedOlder(now, page, before, this.#me ?? ''));
      return page;
    });
  }

  send(root: string, content: string): string {
    const t = this.#state.threads[root];
    if (!t) throw new Error(`the thread ${root} is not open`);
    const now = this.#client.link.clock.now();
    const clientId = uuidv7(now);
    const reply = thread.pendingReply(this.#client.getState().me, root, clientId, content, now);
    this.#in(root, (before) => ({ ...before, replies: [...before.replies, reply], firstUnread: null }));
    this.#sends.pump();
    return clientId;
  }

  retry(root: string, clientId: string): void {
    const now = this.#client.link.clock.now();
    this.#in(root, (t) =>
      thread.waiting(t, clientId, (m) => ({
        ...m,
        state: 'pending',
        error: null,
        code: null,
        clientId: m.code === 'conflict' ? uuidv7(now) : clientId,
        time: now,
      })),
    );
    this.#sends.pump();
  }

  discard(root: string, clientId: string): void {
    this.#in(root, (t) => thread.waiting(t, clientId, (m) => (m.state === 'failed' ? null : m)));
  }

  async follow(room: string, root: string, following: boolean): Promise<void> {
    const before = this.#state.threads[root]?.following;
    const show = (now: boolean) => this.#in(root, (t) => ({ ...t, following: now }));
    show(following);
    try {
      await this.#client.api.ask('PUT', messageRoute(room, root, '/following'), { body: { following } });
      this.#unread.follows(room, root, following);
    } catch (err) {
      show(before ?? !following);
      throw err;
    }
  }

  async read(room: string, root: string, seq: number): Promise<void> {
    if (seq <= (this.#read.get(root) ?? 0)) return;
    this.#read.set(root, seq);
    const done = this.#unread.marking(room, root);
    try {
      const { read_seq, unread } = await this.#client.api.ask<{ read_seq: number; unread: number }>(
        'POST',
        messageRoute(room, root, '/read'),
        { body: { seq } },
      );
      done();
      this.#in(root, (t) => ({ ...t, sync: { ...t.sync, readSeq: Math.max(t.sync.readSeq, read_seq) } }));
      if (unread > 0 && this.#read.get(root) === seq) this.#unread.ask(root);
    } catch {
      done();
      this.#read.delete(root);
      this.#unread.ask(root); // it is still unread
    }
  }

  unsaved(): boolean {
    return Object.values(this.#state.threads).some((t) => thread.firstPending(t) !== undefined);
  }

  /** follow takes in how the client stands: whether it is connected, as whom, and which rooms it has. */
  #follow({ status, me, rooms, renamed, visible }: State): void {
    if (me !== null && this.#me !== null && me.id !== this.#me) this.#forget();
    if (status === 'signed_out' && this.#me !== null) this.#forget();
    this.#me = me?.id ?? null;
    this.#rename();
    const connected = status === 'connected';
    const before = this.#connected;
    this.#connected = connected;
    if (connected && !before) {
      this.#unread.now();
      this.#sends.connected();
      for (const t of Object.values(this.#state.threads)) {
        if (t.sync.loaded) this.#stale.add(t.id);
        else void this.#load(t.id);
      }
      if (this.#state.open !== null) void this.#refresh(this.#state.open);
    }
    if (!connected) return;
    const gone = (room: string) => {
      const stream = rooms[renamed[room] ?? room]?.sync.stream;
      return stream === undefined || stream === 'removed' || stream === 'refused';
    };
    this.#dropRooms(gone);
    if (visible) this.#look();
  }

  /** rename gives the threads the names that their rooms have now. */
  #rename(): void {
    const state = this.#client.getState();
    for (const t of Object.values(this.#state.threads)) {
      const room = nameOf(state, t.room);
      if (room !== t.room) this.#in(t.id, (now) => ({ ...now, room }));
    }
  }

  #dropRooms(gone: (room: string) => boolean): void {
    const left = Object.values(this.#state.threads).filter((t) => !gone(t.room));
    if (left.length < Object.keys(this.#state.threads).length)
      this.#set({ ...this.#state, threads: record(Object.fromEntries(left.map((t) => [t.id, t]))) });
    this.#unread.drop(gone);
  }

  #forget(): void {
    this.#sends.forget();
    this.#late.clear();
    this.#read.clear();
    this.#stale.clear();
    this.#set(initial);
    this.#unread.forget();
  }

  #frame(frame: ServerFrame, isNew: boolean): void {
    switch (frame.type) {
      case 'message':
      case 'change':
        if (isNew) this.#entry(frame);
        return;
      case 'reset':
        for (const t of Object.values(this.#state.threads)) {
          if (t.room !== frame.room) continue;
          this.#in(t.id, thread.forgotten);
          if (this.#state.open === t.id) void this.#load(t.id);
        }
        this.#unread.ask();
        return;
      case 'welcome':
        this.#rename(); // a room may have got another name meanwhile
        return;
      case 'room_renamed':
        for (const t of Object.values(this.#state.threads))
          if (t.room === frame.was) this.#in(t.id, (now) => ({ ...now, room: frame.room }));
        this.#unread.renamed(frame.was, frame.room);
        return;
      case 'other':
        if (isOwn(frame.frame)) this.#own(frame.frame);
        else this.#saved(frame.frame);
        return;
    }
  }

  /** own takes in what this person has done on any of their devices. */
  #own(frame: OwnFrame): void {
    const { room, thread: root } = frame;
    if (frame.type === 'thread_read') {
      this.#in(root, (t) => ({ ...t, sync: { ...t.sync, readSeq: Math.max(t.sync.readSeq, frame.read_seq) } }));
      this.#unread.set(room, root, frame.unread);
      return;
    }
    this.#in(root, (t) => (t.following === frame.following ? t : { ...t, following: frame.following }));
    this.#unread.follows(room, root, frame.following);
  }

  #saved({ type, message, saved }: Readonly<Record<string, unknown>>): void {
    if (type !== 'saved' || typeof message !== 'string') return;
    for (const { id } of Object.values(this.#state.threads))
      this.#in(id, (t) => thread.edited(t, message, (m) => ({ ...m, saved: saved === true })));
  }

  #entry(frame: MessageFrame | ChangeFrame): void {
    for (const [root, late] of this.#late) if (this.#state.threads[root]?.room === frame.room) late.push(frame);
    for (const t of Object.values(this.#state.threads)) if (t.room === frame.room) this.#apply(t.id, frame);
    const me = this.#me ?? '';
    if (frame.type === 'message') {
      if (!frame.thread) return;
      if (frame.user_id === me) this.#unread.follows(frame.room, frame.thread, true);
      else if (this.#watched() !== frame.thread)
        this.#unread.replied(frame.room, frame.thread, frame.mentions?.includes(me) === true);
      this.#look();
    } else if (frame.kind === 'delete' && typeof frame.data.thread === 'string') this.#unread.ask();
  }

  /** apply takes an entry of the room into one of its threads. What is in there already does not change. */
  #apply(root: string, frame: MessageFrame | ChangeFrame): void {
    const me = this.#me ?? '';
    this.#in(root, (t) => thread.summed(t, frame.type === 'message' ? frame : frame.data));
    if (frame.type === 'change') {
      if (frame.message) this.#in(root, (t) => thread.edited(t, frame.message!, (m) => after(m, frame, me)));
    } else if (frame.thread === root)
      this.#in(root, (t) => {
        const next = thread.replied(t, frame, me);
        const following = next.following || frame.user_id === me; // who follows by being named is told so
        return following === next.following ? next : { ...next, following };
      });
  }

  /** load loads a thread's newest page, and its root. */
  async #load(root: string): Promise<void> {
    const t = this.#state.threads[root];
    if (!t || t.sync.loaded || t.loading !== 'none') return;
    await this.#page(root, 'first', async () => {
      const [top, page] = await this.#ends(t);
      this.#in(root, (now) => {
        const next = thread.pagedNewest(now, page, this.#me ?? '');
        return { ...next, root: stored(top, top.id), following: top.following ?? next.following };
      });
      return page;
    });
  }

  /** refresh asks again what is this person's own in a thread, after a connection was lost. */
  async #refresh(root: string): Promise<void> {
    const t = this.#state.threads[root];
    if (!t || !this.#stale.delete(root)) return;
    try {
      const [top, page] = await this.#ends(t);
      const own = new Map([top, ...page.messages].map((m) => [m.id, m.saved === true]));
      const at = (m: MessageEntry) => ({ ...m, saved: own.get(m.id ?? '') ?? m.saved });
      this.#in(root, (now) => ({
        ...now,
        root: now.root && at(now.root),
        replies: now.replies.map(at),
        following: top.following ?? now.following,
      }));
    } catch {
      this.#stale.add(root); // the next connection, or opening it, asks again
    }
  }

  /** ends is a thread's root and its newest page. */
  async #ends(t: Thread): Promise<[Root, Page]> {
    const [top, page] = await Promise.all([
      this.#client.api.ask<Root>('GET', messageRoute(t.room, t.id)),
      this.#ask(t, {}),
    ]);
    if (!isMessage(top)) throw new ApiError('The answer is not from a Parley server.', 'internal', 200);
    return [top, page];
  }

  /** page loads a page, and takes in once more what came meanwhile and is newer than the page. */
  async #page(root: string, loading: Thread['loading'], load: () => Promise<Page>): Promise<void> {
    this.#in(root, (t) => ({ ...t, loading, error: null }));
    const late: (MessageFrame | ChangeFrame)[] = [];
    this.#late.set(root, late);
    const me = this.#me;
    try {
      await load();
      if (me !== this.#me) return;
      for (const frame of late) this.#apply(root, frame);
    } catch (err) {
      const error = err instanceof ApiError ? err.message : String(err);
      this.#in(root, (t) => ({ ...t, loading: 'none', error }));
    } finally {
      this.#late.delete(root);
    }
  }

  #ask(t: Thread, query: { before?: number }): Promise<Page> {
    return this.#client.api.messages(t.room, { thread: t.id, ...query });
  }

  async #post(t: Thread, reply: MessageEntry): Promise<Stored> {
    return this.#client.api.ask<Stored>('POST', 'api/messages', {
      body: { room: t.room, content: reply.content, thread: t.id },
      headers: { 'Idempotency-Key': reply.clientId },
    });
  }

  async #askUnread(): Promise<ReadonlyMap<string, Count> | null> {
    try {
      const answer = await this.#client.api.ask<{ followed: { room: string; thread: string; unread: number }[] }>(
        'GET',
        'api/threads/unread',
      );
      return new Map(answer.followed.map(({ room, thread: root, unread }) => [root, { room, unread }]));
    } catch {
      return null; // the next reply or connection asks again
    }
  }

  /** watched is the thread that somebody looks at; null: none. */
  #watched(): string | null {
    const { open, threads } = this.#state;
    return open !== null && threads[open]?.sync.loaded && this.#client.getState().visible ? open : null;
  }

  /** look marks the thread on screen read if it is being looked at. */
  #look(): void {
    const root = this.#watched();
    const t = root === null ? undefined : this.#state.threads[root];
    if (!t || !this.#connected) return;
    const seq = thread.lastSeq(t);
    if (seq <= Math.max(t.sync.readSeq, this.#read.get(t.id) ?? 0)) return;
    if (this.#reading !== null) return;
    this.#reading = this.#client.link.clock.setTimeout(() => {
      this.#reading = null;
      this.#look();
    }, READ_EVERY);
    void this.read(t.room, t.id, seq);
  }

  #in(root: string, change: (t: Thread) => Thread): void {
    const before = this.#state.threads[root];
    if (!before) return;
    const now = change(before);
    if (now !== before) this.#set({ ...this.#state, threads: record(this.#state.threads, { [root]: now }) });
  }

  #set(next: ThreadsState): void {
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }
}

type OwnFrame = { room: string; thread: string } & (
  | { type: 'thread_read'; read_seq: number; unread: number }
  | { type: 'thread_follow'; following: boolean }
);

function isOwn(frame: object): frame is OwnFrame {
  const f = frame as Record<string, unknown>;
  if (typeof f.room !== 'string' || typeof f.thread !== 'string') return false;
  return f.type === 'thread_read'
    ? typeof f.read_seq === 'number' && typeof f.unread === 'number'
    : f.type === 'thread_follow' && typeof f.following === 'boolean';
}

const messageRoute = (room: string, id: string, of = '') => routeOf(room, `/messages/${encodeURIComponent(id)}${of}`);
