/**
 * A model of one room on a server, and of the wire between it and one client: frames may be lost, doubled or swapped, connections
 * cut, the server restored from a backup. It drives the reducer alone and does what a state asks for.
 */

import { pagedAround } from '../src/past.ts';
import type { AckFrame, MessageFrame, RoomPosition, ServerFrame } from '../src/protocol.ts';
import { type Event, initial, inRoom, reduce } from '../src/reduce.ts';
import type { Page } from '../src/reduce-room.ts';
import type { MessageEntry, Room, State } from '../src/types.ts';

export const ROOM = 'general';
export const ME = 'user-me';
/** So many entries behind, a subscriber gets a reset. */
const TOO_FAR = 12;
const PAGE = 4;

export interface Stored {
  seq: number;
  n: number;
  id: string;
  kind: 'message' | 'topic' | 'later' | 'hidden' | 'reply' | Alteration;
  user: string;
  content: string;
  clientId: string;
  /** Of a change: the message it is about; of a reply: its root. */
  about?: string;
}

export type Alteration = 'edit' | 'delete' | 'react' | 'unreact' | 'pin' | 'unpin';

/** What a server knows of a message now, beyond what was said at first. */
interface Now {
  content: string;
  edited?: string;
  deleted?: boolean;
  pinned?: boolean;
  /** By emoji: who, in the order of time, and number of the oldest. */
  reactions: Map<string, { first: number; users: string[] }>;
  replies: number[];
}

/** What the server makes of a text: every other one is plain. */
export const htmlOf = (e: Stored, content = e.content) =>
  e.seq % 2 === 0 && content !== '' ? { html: `<p>${content}</p>` } : {};

const by = (id: string) => ({ id, name: id });

export class Model {
  state: State = initial;
  log: Stored[] = [];
  /** Whether frames of the past are made of what the server knows now, as when it reads them from its log. */
  fromLog = true;
  epoch = 'epoch-1';
  /** Frames on their way to the client. */
  wire: ServerFrame[] = [];
  /** Pages on their way to the client. */
  pages: { page: Page; before: number | null; around?: boolean; after?: number }[] = [];
  up = false;
  now = 1_000_000;
  readN = 0;
  readVersion = 0;
  #welcomed = false;
  #subscribed = false;
  #ids = 0;
  #epochs = 1;
  /** What this connection was asked to send and has not acked. */
  #sentHere = new Set<string>();
  #all = new Map<string, string>(); // client_id -> content, of all sends

  constructor() {
    this.apply({ type: 'open', room: ROOM, now: this.now });
  }

  get room(): Room | undefined {
    return this.state.rooms[ROOM];
  }

  get messages(): MessageEntry[] {
    return (this.room?.entries ?? []).filter((e): e is MessageEntry => e.kind === 'message');
  }

  get lastN(): number {
    return this.log.reduce((n, e) => Math.max(n, e.n), 0);
  }

  get sends(): ReadonlyMap<string, string> {
    return this.#all;
  }

  /** apply gives an event to the reducer and asks the server for what the state then wants. */
  apply(event: Event): void {
    const frozen = freeze(this.state);
    this.state = reduce(frozen, event);
    if (this.#welcomed && (this.room?.sync.stream === 'off' || this.room?.sync.stream === 'gap')) this.subscribe();
  }

  store(kind: Stored['kind'], user: string, content: string, clientId: string, about?: string): Stored {
    const before = this.lastN;
    const e: Stored = {
      seq: this.log.length + 1,
      n: kind === 'message' ? before + 1 : before,
      id: `id-${++this.#ids}`,
      kind,
      user,
      content,
      clientId,
      ...(about === undefined ? {} : { about }),
    };
    this.log.push(e);
    if (kind === 'message' && user === ME) this.moveCursor(e.n);
    if (this.up && this.#subscribed) this.wire.push(this.frame(e));
    return e;
  }

  /** now is what a message has become by the first entries of the log. */
  become_(e: Stored, upTo = this.log.length): Now {
    const now: Now = { content: e.content, reactions: new Map(), replies: [] };
    for (const c of this.log.slice(0, upTo)) if (c.about === e.id) become(now, c);
    return now;
  }

  /** what a page tells of a message. */
  row(e: Stored): Omit<MessageFrame, 'type'> {
    const now = this.become_(e);
    const { type: _, ...m } = this.frame({ ...e, clientId: '' }, this.log.length) as MessageFrame;
    return {
      ...m,
      client_id: e.clientId,
      ...(now.pinned ? { pinned: true } : {}),
      ...(now.reactions.size > 0
        ? {
            reactions: [...now.reactions]
              .map(([emoji, { first, users }]) => ({ emoji, first, ...whose(users), me: users.includes(ME) }))
              .sort((a, b) => a.first - b.first),
          }
        : {}),
      ...repliesOf(now),
    };
  }

  /** alter changes a message as a server does: what changes nothing is no entry. */
  alter(kind: Alteration, user: string, x: number): void {
    const said = this.log.filter((e) => e.kind === 'message');
    const e = said[(x * 7) % Math.max(1, said.length)];
    if (!e) return;
    const now = this.become_(e);
    const emoji = ['👍', '🎉', '😀'][x % 3]!;
    const has = now.reactions.get(emoji)?.users.includes(user) === true;
    const none = { edit: false, delete: false, react: has, unreact: !has, pin: !!now.pinned, unpin: !now.pinned };
    if (now.deleted || none[kind]) return;
    this.store(kind, user, kind === 'edit' ? `edited ${this.log.length}` : emoji, '', e.id);
  }

  reply(user: string, x: number): void {
    const said = this.log.filter((e) => e.kind === 'message');
    const e = said[x % Math.max(1, said.length)];
    if (e) this.store('reply', user, `reply ${x}`, `reply-${this.log.length}-${this.epoch}`, e.id);
  }

  moveCursor(n: number): void {
    if (n <= this.readN) return;
    this.readN = n;
    this.readVersion++;
  }

  connect(): void {
    if (this.up) return;
    this.up = true;
    const head = this.log.at(-1);
    this.wire = [
      {
        type: 'welcome',
        protocol: 'parley.v1',
        user: 'me',
        user_id: ME,
        kind: 'member',
        limits: { content: 8000, frame: 65536, rooms: 1000, subscribe: 200, sends_open: 64 },
        rooms: [
          {
            room: ROOM,
            room_id: 'room-1',
            epoch: this.epoch,
            seq: head?.seq ?? 0,
            n: head?.n ?? 0,
            read_n: this.readN,
            read_version: this.readVersion,
            unread: this.readVersion === 0 ? 0 : Math.max(0, (head?.n ?? 0) - this.readN),
          },
        ],
      },
    ];
  }

  cut(): void {
    if (!this.up) return;
    this.up = false;
    this.#welcomed = this.#subscribed = false;
    this.#sentHere.clear();
    this.wire = [];
    this.apply({ type: 'cut' });
  }

  /** restore goes back to a backup: the last entries are gone, and so is everyone's connection. */
  restore(lost: number): void {
    this.cut();
    this.log = this.log.slice(0, Math.max(0, this.log.length - lost));
    this.epoch = `epoch-${++this.#epochs}`;
    const n = this.lastN;
    if (this.readN > n) this.readN = n;
  }

  subscribe(): void {
    const { cursor } = this.room!.sync;
    this.apply({ type: 'stream', rooms: [ROOM], stream: 'asked' });
    const at: RoomPosition =
      cursor === null
        ? { room: ROOM }
        : { room: ROOM, epoch: cursor.epoch, seq: cursor.seq, ...(cursor.id === null ? {} : { id: cursor.id }) };
    this.#subscribed = true;
    const head = this.log.length;
    const from = at.seq ?? head;
    const here = this.log[from - 1];
    const bad =
      at.epoch !== undefined &&
      (at.epoch !== this.epoch || from > head || head - from > TOO_FAR || (at.id !== undefined && here?.id !== at.id));
    const seq = bad ? head : from;
    const id = this.log[seq - 1]?.id;
    this.wire.push({
      type: bad ? 'reset' : 'subscribed',
      room: ROOM,
      room_id: 'room-1',
      epoch: this.epoch,
      seq,
      min_seq: 1,
      ...(id ? { id } : {}),
    });
    for (const e of this.log.slice(seq)) this.wire.push(this.frame(e));
  }

  frame(e: Stored, upTo = this.fromLog ? this.log.length : e.seq): ServerFrame {
    const timestamp = new Date(this.now).toISOString();
    switch (e.kind) {
      case 'message': {
        if (e.user === ME && this.#sentHere.delete(e.clientId)) return this.#ack(e);
        const { content, edited, deleted } = this.become_(e, upTo);
        return {
          type: 'message',
          room: ROOM,
          id: e.id,
          seq: e.seq,
          n: e.n,
          user: 'name',
          user_id: e.user,
          content,
          ...htmlOf(e, content),
          ...(edited ? { edited } : {}),
          ...(deleted ? { deleted } : {}),
          timestamp,
          client_id: e.clientId,
        };
      }
      case 'reply':
        return {
          type: 'message',
          room: ROOM,
          id: e.id,
          seq: e.seq,
          user: 'name',
          user_id: e.user,
          content: e.content,
          thread: e.about!,
          ...repliesOf(this.become_(this.log.find((m) => m.id === e.about)!, upTo)),
          timestamp,
          client_id: e.clientId,
        };
      case 'topic':
        return {
          type: 'change',
          room: ROOM,
          seq: e.seq,
          id: e.id,
          kind: 'topic',
          user: 'name',
          user_id: e.user,
          data: { topic: e.content },
          timestamp,
        };
      case 'later':
        return { type: 'entry', room: ROOM, seq: e.seq };
      case 'hidden':
        return { type: 'skip', room: ROOM, seq: e.seq };
      default: {
        const now = this.become_(this.log.find((m) => m.id === e.about)!, upTo);
        return {
          type: 'change',
          room: ROOM,
          seq: e.seq,
          id: e.id,
          kind: e.kind,
          message: e.about!,
          user: 'name',
          user_id: e.user,
          data: dataOf(e, now, this.log.find((m) => m.id === e.about)!),
          timestamp,
        };
      }
    }
  }

  #ack(e: Stored): AckFrame {
    const { content, edited, deleted } = this.become_(e);
    return {
      type: 'ack',
      room: ROOM,
      client_id: e.clientId,
      id: e.id,
      seq: e.seq,
      n: e.n,
      ...htmlOf(e, content),
      ...(edited ? { edited } : {}),
      ...(deleted ? { deleted } : {}),
      ...(content === e.content ? {} : { content }),
      timestamp: new Date(this.now).toISOString(),
    };
  }

  askPage(before: number | null): void {
    const said = this.log.filter((e) => e.kind === 'message' && (before === null || e.seq < before));
    const messages = said.slice(-PAGE).map((e) => this.row(e));
    this.pages.push({
      page: { messages, epoch: this.epoch, as_of: this.log.length, has_more: said.length > PAGE },
      before,
    });
  }

  /** askAround asks for the messages on both sides of one, or for those after one. */
  askAround(id: string | null, after: number | null): void {
    const said = this.log.filter((e) => e.kind === 'message');
    const at = said.findIndex((e) => (id === null ? e.seq > after! : e.id === id));
    if (at < 0 && id !== null) return;
    const part = id === null ? (at < 0 ? [] : said.slice(at, at + PAGE)) : said.slice(Math.max(0, at - 2), at + 3);
    const messages = part.map((e) => this.row(e));
    const has_more = said.length > 0 && (messages[0]?.seq ?? 0) > said[0]!.seq;
    this.pages.push({
      page: { messages, epoch: this.epoch, as_of: this.log.length, has_more },
      before: null,
      around: true,
      ...(after === null ? {} : { after }),
    });
  }

  deliverPage(): void {
    const next = this.pages.shift();
    if (!next) return;
    const { around, page, before, after = null } = next;
    if (around) this.apply({ type: 'kept', change: (s) => inRoom(s, ROOM, (r) => pagedAround(r, page, after, ME)) });
    else this.apply({ type: 'page', room: ROOM, page, before, now: this.now });
  }

  deliver(): void {
    const frame = this.wire.shift();
    if (frame?.type === 'welcome') this.#welcomed = true;
    if (frame) this.apply({ type: 'frame', frame, now: this.now });
  }

  /** list tells how the rooms stand, as a client asks after each connection and reset. */
  list(): void {
    this.apply(this.listed());
  }

  /** How the rooms stand now; it may be told later. */
  listed(): Event {
    const { lastN: n, readN: read_n, readVersion: read_version } = this;
    const unread = read_version === 0 ? 0 : Math.max(0, n - read_n);
    return {
      type: 'rooms',
      rooms: [
        {
          id: 'room-1',
          name: ROOM,
          kind: 'public',
          topic: '',
          seq: this.log.length,
          n,
          online: 1,
          unread,
          read_n,
          read_version,
        },
      ],
    };
  }

  say(): void {
    if (!this.room) return;
    const clientId = `send-${++this.#ids}`;
    this.#all.set(clientId, `mine ${clientId}`);
    this.apply({ type: 'send', room: ROOM, clientId, content: `mine ${clientId}`, now: this.now });
  }

  /** flush sends what is pending, all of it, as a client does that has forgotten what it has sent. */
  flush(): void {
    if (!this.up || this.room?.sync.stream !== 'live') return;
    for (const m of this.messages) {
      if (m.state !== 'pending') continue;
      const stored = this.log.find((e) => e.clientId === m.clientId);
      if (stored)
        this.wire.push(this.#ack(stored)); // at once, outside of the stream
      else {
        this.#sentHere.add(m.clientId);
        this.store('message', ME, m.content, m.clientId);
      }
    }
  }

  /** settle lets everything arrive, without faults. */
  settle(): void {
    for (let i = 0; i < 200; i++) {
      this.connect();
      while (this.wire.length > 0) this.deliver();
      while (this.pages.length > 0) this.deliverPage();
      if (this.room && !this.room.sync.paged) {
        this.apply({ type: 'loading', room: ROOM, what: 'first' });
        this.askPage(null);
      } else if (this.room?.sync.refill) this.askPage(null);
      else this.flush();
      if (this.wire.length === 0 && this.pages.length === 0) return;
    }
    throw new Error('it never comes to rest');
  }
}

function become(now: Now, c: Stored): void {
  if (c.kind === 'reply') now.replies.push(c.seq);
  if (now.deleted) return;
  const r = now.reactions.get(c.content);
  switch (c.kind) {
    case 'edit':
      now.content = c.content;
      now.edited = new Date(c.seq * 1000).toISOString();
      break;
    case 'delete':
      now.content = '';
      now.deleted = true;
      delete now.edited;
      delete now.pinned;
      now.reactions.clear();
      break;
    case 'react':
      now.reactions.set(c.content, { first: r?.first ?? c.seq, users: [...(r?.users ?? []), c.user] });
      break;
    case 'unreact': {
      const users = (r?.users ?? []).filter((u) => u !== c.user);
      if (users.length === 0) now.reactions.delete(c.content);
      else now.reactions.set(c.content, { first: r!.first, users });
      break;
    }
    case 'pin':
      now.pinned = true;
      break;
    case 'unpin':
      delete now.pinned;
  }
}

const whose = (users: readonly string[]) => ({ count: users.length, users: users.map(by) });

const repliesOf = ({ replies }: Now) =>
  replies.length === 0
    ? {}
    : {
        replies: {
          count: replies.length,
          last_seq: replies.at(-1)!,
          last: new Date(replies.at(-1)! * 1000).toISOString(),
          users: [],
        },
      };

function dataOf(e: Stored, now: Now, about: Stored): Record<string, unknown> {
  switch (e.kind) {
    case 'edit':
      return now.deleted
        ? { deleted: true }
        : { content: now.content, ...htmlOf(about, now.content), edited: now.edited };
    case 'react':
    case 'unreact': {
      const r = now.reactions.get(e.content);
      return { emoji: e.content, first: r?.first ?? 0, ...whose(r?.users ?? []) };
    }
    case 'pin':
    case 'unpin':
      return { pinned: now.pinned === true };
    default:
      return {};
  }
}

/** freeze makes a mutation of the state an error. It goes no deeper than what is new. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
  return value;
}
