/** Tabs of one browser and a server with one room, all in memory, for tests that own the time. */
import { expect, vi } from 'vitest';
import { type Client, type ClientOptions, createClient, type MessageEntry } from '../src/index.ts';
import { MemoryDisk, MemoryStorage, type Message, offline, type Storage, type Tabs } from '../src/offline.ts';
import type { ClientFrame } from '../src/protocol.ts';
import { ANN, ack, FakeSocket, fakeServer, message, page, welcomeRoom } from './fake.ts';

/** rendered is the HTML of a text, as the server has it: of one that is between stars. */
export const rendered = (content: string) =>
  content.startsWith('**') ? { html: `<p><strong>${content.slice(2, -2)}</strong></p>` } : {};

/** A server that stores a client_id once, in the room's order, and replays what a connection has missed. */
export class ChatServer {
  readonly log: { seq: number; client_id: string; content: string; read: boolean }[] = [];
  readonly sent: { socket: FakeSocket; content: string }[] = [];
  up = true;
  /** Stores what comes next and dies before it answers. */
  dying = false;
  /** Takes nothing from this connection, as if it stood still. */
  deaf: FakeSocket | null = null;
  /** Its room is archived: it is in no list, and takes no message. */
  archived = false;
  /** Who is signed in; '': nobody. */
  user = ANN;
  /** What its room is called, and was. */
  readonly names = ['general'];
  readonly #live = new Map<FakeSocket, number>();

  get name(): string {
    return this.names.at(-1)!;
  }

  /** rename gives the room another name; it goes on answering to those before. */
  rename(): void {
    const was = this.name;
    this.names.push(`general-${this.names.length}`);
    for (const s of this.#live.keys()) s.hear({ type: 'room_renamed', room: this.name, room_id: 'r-general', was });
  }

  connect(socket: FakeSocket): void {
    if (!this.up) {
      queueMicrotask(() => socket.end());
      return;
    }
    this.#live.set(socket, Infinity);
    const seq = this.log.length;
    queueMicrotask(() =>
      socket.hear({
        type: 'welcome',
        protocol: 'parley.v1',
        user: 'ann',
        user_id: this.user,
        kind: 'member',
        limits: { content: 8000, frame: 65536, rooms: 1000, subscribe: 200, sends_open: 64 },
        rooms: this.archived ? [] : [welcomeRoom({ room: this.name, seq, n: seq, read_n: seq, read_version: 1 })],
      }),
    );
  }

  receive(socket: FakeSocket, frame: ClientFrame): void {
    if (!this.#live.has(socket) || this.deaf === socket) return;
    if (frame.type === 'subscribe') {
      const { seq = this.log.length, id, epoch = '' } = frame.rooms[0]!;
      const position = { room: this.name, room_id: 'r-general', seq, min_seq: 1, ...(id ? { id } : {}) };
      socket.hear({ type: 'subscribed', epoch: epoch || (page().body as { epoch: string }).epoch, ...position });
      this.#live.set(socket, seq);
      this.#flush(socket);
    }
    if (frame.type !== 'message') return;
    this.sent.push({ socket, content: frame.content });
    if (this.archived) {
      socket.hear({ type: 'error', code: 'forbidden', message: 'this room is archived', ref: frame.client_id });
      return;
    }
    const known = this.log.find((m) => m.client_id === frame.client_id);
    if (!known)
      this.log.push({ seq: this.log.length + 1, client_id: frame.client_id, content: frame.content, read: false });
    if (this.dying) {
      this.dying = false;
      this.cut();
    } else if (known && known.seq <= this.#live.get(socket)!)
      socket.hear(ack(frame.client_id, known.seq, { room: this.name, ...rendered(known.content) }));
    for (const s of [...this.#live.keys()]) this.#flush(s, s === socket ? frame.client_id : '');
  }

  /** says lets somebody else say something. */
  says(content: string): void {
    this.log.push({ seq: this.log.length + 1, client_id: '', content, read: false });
    for (const s of [...this.#live.keys()]) this.#flush(s);
  }

  /** cut ends connections, or one. */
  cut(only?: FakeSocket): void {
    for (const s of only ? [only] : [...this.#live.keys()]) {
      this.#live.delete(s);
      s.end();
    }
  }

  drop(socket: FakeSocket): void {
    this.#live.delete(socket);
  }

  #flush(socket: FakeSocket, sender = ''): void {
    for (const m of this.log.slice(this.#live.get(socket)!)) {
      this.#live.set(socket, m.seq);
      const mine = m.client_id === '' ? {} : { user: 'ann', user_id: ANN };
      const said = { room: this.name, ...rendered(m.content) };
      if (sender !== '' && m.client_id === sender) socket.hear(ack(sender, m.seq, said));
      else socket.hear(message(m.seq, { ...mine, content: m.content, ...said, client_id: m.client_id }));
    }
  }

  /** listed answers who asks for the room by one of its names. */
  listed(name: string) {
    if (!this.up || !this.names.includes(name))
      return { status: 404, body: { code: 'not_found', detail: 'no such room' } };
    const n = this.log.length;
    const at = { seq: n, n, unread: 0, read_n: n, read_version: 1, online: 0 };
    return { body: { id: 'r-general', name: this.name, kind: 'public', topic: '', ...at } };
  }

  page() {
    const messages = this.log.map(({ seq, content, client_id }) => {
      const mine = client_id === '' ? {} : { user: 'ann', user_id: ANN };
      const { type: _, ...m } = message(seq, { ...mine, content, ...rendered(content), client_id });
      return m;
    });
    return page(messages.slice(-50), this.log.length, messages.length > 50);
  }
}

export interface Tab {
  client: Client;
  /** The connection of now. */
  socket: () => FakeSocket;
  routes: ReturnType<typeof fakeServer>['routes'];
  asked: ReturnType<typeof fakeServer>['asked'];
  /** What the list of the room shows, such as "hello sent". */
  list: () => string[];
  unread: () => number;
  /** The tab is gone at once: what it has in memory is lost. */
  crash: () => void;
}

export class Browser {
  readonly disk = new MemoryDisk();
  readonly server = new ChatServer();
  readonly tabs: Tab[] = [];
  /** A browser without locks gives each tab the turn. */
  locks = true;
  readonly #channels = new Set<Tabs>();
  #turns: { tabs: Tabs; got: () => void }[] = [];

  /** tab opens a tab that knows who is signed in, as a page does before it starts its client. */
  async tab(options: { storage?: Storage; offline?: ClientOptions['offline'] } = {}): Promise<Tab> {
    const { disk, server } = this;
    const far = fakeServer();
    far.routes['GET /api/messages'] = () => server.page();
    for (let n = 0; n < 30; n++) {
      const name = n === 0 ? 'general' : `general-${n}`;
      far.routes[`GET /api/rooms/${name}`] = () => server.listed(name);
    }
    const me = far.routes['GET /api/me']!;
    far.routes['GET /api/me'] = async (...asked) => {
      if (server.user === '') return { status: 401, body: { code: 'unauthenticated', detail: 'sign in' } };
      return { body: { ...((await me(...asked)).body as object), id: server.user } };
    };
    const life = { over: false };
    const WebSocket = class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        far.sockets.push(this);
        server.connect(this);
      }
      override send(data: string): void {
        super.send(data);
        queueMicrotask(() => server.receive(this, JSON.parse(data) as ClientFrame)); // no server answers within the call
      }
      override close(): void {
        super.close();
        server.drop(this);
      }
    } as unknown as NonNullable<ClientOptions['WebSocket']>;
    const channel = this.#channel();
    const client = createClient({
      base: 'https://chat.example/',
      random: () => 0,
      WebSocket,
      fetch: far.fetch,
      offline:
        options.offline ??
        offline({ storage: options.storage ?? mortal(new MemoryStorage(disk), life), tabs: channel }),
    });
    const tab: Tab = {
      client,
      routes: far.routes,
      asked: far.asked,
      socket: () => far.sockets.at(-1)!,
      list: () =>
        (Object.values(client.getState().rooms).find((r) => r.id === 'r-general')?.entries ?? [])
          .filter((e): e is MessageEntry => e.kind === 'message')
          .map((m) => `${m.content} ${m.state}`),
      unread: () => client.getState().rooms.general!.unread,
      crash: () => {
        life.over = true;
        this.#close(channel);
        client.stop();
      },
    };
    this.tabs.push(tab);
    await client.api.me().catch(() => {});
    await pass();
    return tab;
  }

  async opened(): Promise<Tab> {
    const tab = await this.tab();
    tab.client.start();
    await pass();
    void tab.client.open('general').catch(() => {});
    await pass();
    return tab;
  }

  #channel(): Tabs {
    const channel: Tabs = {
      say: (said) => {
        const copy = structuredClone(said) as Message;
        for (const other of this.#channels)
          if (other !== channel) queueMicrotask(() => this.#channels.has(other) && other.heard(copy));
      },
      heard: () => {},
      turn: (got) => {
        if (!this.locks) {
          got();
          return () => {};
        }
        const mine = { tabs: channel, got };
        this.#turns.push(mine);
        if (this.#turns[0] === mine) queueMicrotask(() => this.#turns[0] === mine && got());
        return () => this.#leave((t) => t === mine);
      },
    };
    this.#channels.add(channel);
    return channel;
  }

  #leave(who: (turn: { tabs: Tabs; got: () => void }) => boolean): void {
    const [first] = this.#turns;
    this.#turns = this.#turns.filter((t) => !who(t));
    const next = this.#turns[0];
    if (next && next !== first) queueMicrotask(() => this.#turns[0] === next && next.got());
  }

  #close(channel: Tabs): void {
    this.#channels.delete(channel);
    this.#leave((t) => t.tabs === channel);
  }

  stop(): void {
    for (const { client } of this.tabs) client.stop();
  }
}

/** mortal is a storage that a tab which is gone cannot use any more. */
function mortal(storage: Storage, life: { over: boolean }): Storage {
  const dead = () => new Promise<never>(() => {});
  return {
    open: (owner) => (life.over ? dead() : storage.open(owner)),
    sends: () => (life.over ? dead() : storage.sends()),
    write: (changes) => (life.over ? dead() : storage.write(changes)),
    wipe: () => (life.over ? dead() : storage.wipe()),
    lost: () => {},
  };
}

export async function pass(ms = 0): Promise<void> {
  if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(ms);
  else await new Promise((resolve) => setTimeout(resolve, ms));
}

/** stored is what the browser holds of messages, drafts and rooms. */
export function stored({ disk }: Browser): string {
  return [...disk.sends.values(), ...disk.rooms.values(), ...disk.drafts.values()].join('\n');
}

export function expectNothingStored(browser: Browser): void {
  expect(stored(browser)).toBe('');
  expect(browser.disk.owner).toBe(null);
}
