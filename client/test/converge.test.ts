/**
 * What a connected client holds is what a fresh one reads: people do whatever can be done to messages and rooms, in an
 * order that a seed decides, while connections are cut and resumed. After every step each device that is connected is
 * compared in all that is listed and in what was done since it was compared last; at both ends of the play, in everything.
 * The environment's SEED plays another one.
 */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import { type Client, createClient, type Entry, type MessageEntry, type Room } from '../src/index.ts';
import { watchLevels } from '../src/levels.ts';
import { past } from '../src/past.ts';
import { presence } from '../src/presence.ts';
import { rest } from '../src/rest.ts';
import { threads } from '../src/threads.ts';
import { Server } from './server.ts';

const SEED = 7;
const STEPS = 150;

const names = ['ann', 'bob', 'cid', 'dot'] as const;
type Name = (typeof names)[number];
type Answer = { status: number; body: Record<string, unknown> };

let server: Server;
const tokens = new Map<Name, string>();
const ids = new Map<Name, string>();
const running = new Set<Client>();

beforeAll(async () => {
  server = await Server.build(...names);
  await server.start();
  await Promise.all(
    names.map(async (name) => {
      tokens.set(name, await server.token(name));
      ids.set(name, (await ask(name, 'GET', 'me')).body.id as string);
    }),
  );
}, 120_000);

afterEach(() => {
  for (const client of running) client.stop();
  running.clear();
});

afterAll(() => server.remove());

async function ask(who: Name, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${server.base}api/${path}`, {
    method,
    headers: { Authorization: `Bearer ${tokens.get(who)}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : {} };
}

/** Something was done in a room, and perhaps in a thread of it, by the id of its root. */
interface Touched {
  readonly room: Place;
  readonly root: string | null;
}

/** Somebody's connection that can be cut. Pauses of up to a second are shorter, so that nobody waits for them. */
class Device {
  readonly client: Client;
  /** What was done since the device was compared. */
  touched: Touched[] = [];
  #socket: NodeSocket | null = null;
  #reachable = true;

  constructor(readonly who: Name) {
    const device = this;
    class Wire extends NodeSocket {
      constructor(url: string, protocols: string[]) {
        super(device.#reachable ? url : 'ws://127.0.0.1:1/', protocols);
        device.#socket = this;
      }
    }
    this.client = createClient({
      base: server.base,
      token: async () => tokens.get(who)!,
      WebSocket: Wire as unknown as typeof WebSocket,
      setTimeout: (run, ms) => globalThis.setTimeout(run, ms <= 1000 ? ms / 100 : ms),
    });
    presence(this.client);
    past(this.client);
    watchLevels(this.client);
    threads(this.client);
    running.add(this.client);
    this.client.start();
  }

  get connected(): boolean {
    return this.client.getState().status === 'connected';
  }

  /** cut ends the connection; until resume no other comes about. */
  async cut(): Promise<void> {
    this.#reachable = false;
    this.#socket?.terminate();
    await this.until('the cut', () => !this.connected);
  }

  async resume(): Promise<void> {
    this.#reachable = true;
    await this.until('an attempt that failed', () => this.client.getState().status !== 'connecting');
    this.client.setVisible(true); // tries at once; no room is on screen
    this.client.setVisible(false);
    await this.until('a connection', () => this.connected);
  }

  stop(): void {
    this.client.stop();
    running.delete(this.client);
  }

  /** sent waits until nothing of its own is on its way that would change what others read. */
  sent(): Promise<void> {
    return this.until('sent', () => !this.client.unsaved() && !threads(this.client).unsaved());
  }

  /** until waits for a condition on what the client and its threads hold. */
  until(what: string, holds: () => boolean, why = () => ''): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = [this.client.subscribe(check), threads(this.client).subscribe(check)];
      const late = setTimeout(() => done(new Error(`${this.who}: never ${what}\n${why()}`)), 12_000);
      function done(err?: Error) {
        clearTimeout(late);
        for (const end of ended) end();
        if (err) reject(err);
        else resolve();
      }
      function check() {
        if (holds()) done();
      }
      check();
    });
  }
}

/** load reads a room from its first message on. */
async function load(client: Client, room: string): Promise<void> {
  await client.open(room);
  const now = () => client.getState().rooms[room];
  while (now()?.hasOlder) await client.loadOlder(room);
  client.close();
}

async function loadThreads(client: Client, which: readonly Root[]): Promise<void> {
  for (const { room, id } of which) await threads(client).open(room, id);
  threads(client).close();
}

const isStored = (e: Entry): e is MessageEntry => e.kind === 'message' && e.state === 'sent';
const bare = ({ key: _, clientId: __, ...m }: MessageEntry) => m;

/** What is of a moment, or of how a device came here. One's own messages move the cursor's version, which no frame tells. */
const passing = {
  sync: 0,
  users: 0,
  online: 0,
  typing: 0,
  loading: 0,
  loadError: 0,
  firstUnread: 0,
  past: 0,
  readVersion: 0,
};

/** The root of a thread. */
interface Root {
  readonly room: string;
  readonly id: string;
}
type Counts = Record<string, { room: string; unread: number }>;

/** held is all that a client knows of its rooms, what is said in those of the names, and the threads. */
function held(client: Client, names: readonly string[], which: readonly Root[], unread: Counts) {
  const { roomNames, rooms } = client.getState();
  const seen = (room: Room) => ({
    ...room,
    ...passing,
    ...(names.includes(room.name)
      ? { entries: room.entries.filter(isStored).map(bare) }
      : { entries: 0, hasOlder: 0, lastN: 0 }),
  });
  const thread = ({ id }: Root) => {
    const t = threads(client).getState().threads[id];
    return (
      t && { id, room: t.room, root: t.root && bare(t.root), following: t.following, replies: t.replies.map(bare) }
    );
  };
  return {
    rooms: Object.fromEntries(roomNames.map((name) => [name, seen(rooms[name]!)])),
    threads: which.map(thread),
    unread,
  };
}

const roots = (client: Client): Root[] =>
  Object.values(client.getState().rooms).flatMap((room) =>
    room.entries.filter((e) => isStored(e) && e.replies).map((e) => ({ room: room.name, id: (e as MessageEntry).id! })),
  );

/** unreadThreads is what the server counts. */
async function unreadThreads(who: Name): Promise<Counts> {
  const { followed } = (await ask(who, 'GET', 'threads/unread')).body as {
    followed: { room: string; thread: string; unread: number }[];
  };
  return Object.fromEntries(followed.map((f) => [f.thread, { room: f.room, unread: f.unread }]));
}

/** listed is a client that has no connection, and has read who it is and the list of rooms. */
async function listed(who: Name): Promise<Client> {
  const client = createClient({ base: server.base, token: async () => tokens.get(who)! });
  threads(client);
  await Promise.all([client.api.me(), client.refreshRooms()]);
  return client;
}

/** compare waits until a connected device holds what a fresh client reads of what was touched, and tells what differs if it never does. */
async function compare(device: Device): Promise<void> {
  const { who, touched } = device;
  device.touched = [];
  const other = await listed(who);
  const names = other.getState().roomNames.filter((name) => touched.some((t) => t.room.name === name));
  for (const name of names) await load(other, name);
  await agree(
    device,
    other,
    names,
    roots(other).filter(({ id }) => touched.some((t) => t.root === id)),
  );
}

/** compareAll compares all that there is with what a device has that has just come. */
async function compareAll(device: Device): Promise<void> {
  const { who } = device;
  const other = new Device(who);
  await other.until('a connection', () => other.connected);
  await other.client.refreshRooms();
  const names = other.client.getState().roomNames;
  for (const name of names) await load(other.client, name);
  await agree(device, other.client, names, roots(other.client));
  const counted = await unreadThreads(who);
  await other.until('what is unread in threads', () => isSame(threads(other.client).getState().unread, counted));
  other.stop();
}

async function agree(device: Device, other: Client, names: readonly string[], which: readonly Root[]): Promise<void> {
  const { client } = device;
  await loadThreads(other, which);
  const want = held(other, names, which, await unreadThreads(device.who));
  // A room that came back and a thread that is new are read when they are opened.
  for (const name of names) {
    await device.until(`the room ${name}`, () => client.getState().rooms[name] !== undefined);
    if (!client.getState().rooms[name]!.sync.paged) await load(client, name);
  }
  await loadThreads(client, which);
  const have = () => held(client, names, which, threads(client).getState().unread);
  try {
    await device.until('what a fresh client reads', () => isSame(have(), want));
  } catch {
    expect(have(), device.who).toEqual(want);
  }
}

/** isSame compares what JSON has of two values: by far cheaper than expect, which describes each difference. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}

/** mulberry32, a generator of numbers from 0 to 1. */
function random(seed: number): () => number {
  let s = seed;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Said {
  readonly room: Place;
  readonly id: string;
  readonly seq: number;
  readonly by: Name;
  readonly thread: string | null;
}
type Act = [kind: string, act: (who: Name) => Promise<Answer>];

/** A room under the name that it has now. */
interface Place {
  name: string;
}

const emoji = ['👍', '🎉', '❤️'];

/** What the people do. Each act tells what the server answered; whether it was allowed is not its business. */
class Play {
  readonly #random: () => number;
  readonly #said: Said[] = [];
  readonly done = new Map<string, number>();
  /** Acts that have not had their turn in this round. */
  #deck: Act[] = [];
  #step = 0;

  constructor(
    seed: number,
    readonly rooms: Place[],
    readonly devices: Device[],
  ) {
    this.#random = random(seed);
  }

  get kinds(): string[] {
    return [...new Set(this.#acts.map(([kind]) => kind))].sort();
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  /** place picks a room in which something is done now. */
  place(from: readonly Place[] = this.rooms): Place {
    return this.#touch(this.pick(from));
  }

  #touch(room: Place, root: string | null = null): Place {
    for (const device of this.devices) device.touched.push({ room, root });
    return room;
  }

  chance(of: number): boolean {
    return this.#random() < of;
  }

  async step(): Promise<void> {
    this.#step++;
    if (this.#deck.length === 0) this.#deck = [...this.#acts];
    const [kind, act] = this.#deck.splice(Math.floor(this.#random() * this.#deck.length), 1)[0]!;
    const who = this.pick(names);
    const { status, body } = await act(who);
    if (status >= 500 || status === 400 || status === 429)
      throw new Error(`${kind} by ${who}: ${status} ${JSON.stringify(body)}`);
    if (status < 300) this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
  }

  readonly #nothing: Answer = { status: 404, body: {} };

  #text(): string {
    const named = this.chance(0.3) ? ` @${this.pick([...names, 'room', 'here'])}` : '';
    return `*line* ${this.#step}${named}`;
  }

  async #say(by: Name, room: Place, more: { thread?: string; quote?: string } = {}): Promise<Answer> {
    this.#touch(room, more.thread);
    const answer = await ask(by, 'POST', 'messages', { room: room.name, content: this.#text(), ...more });
    if (answer.status === 201)
      this.#said.push({
        room,
        by,
        id: answer.body.id as string,
        seq: answer.body.seq as number,
        thread: more.thread ?? null,
      });
    return answer;
  }

  /** of picks one of the newer messages, and asks something of it. */
  async #of(which: (s: Said) => boolean, then: (s: Said, path: string) => Promise<Answer>): Promise<Answer> {
    const some = this.#said.filter(which).slice(-12);
    if (some.length === 0) return this.#nothing;
    const one = this.pick(some);
    this.#touch(one.room, one.thread ?? one.id);
    return then(one, `rooms/${one.room.name}/messages/${one.id}`);
  }

  readonly #acts: Act[] = [
    ['post', (who) => this.#say(who, this.place())],
    ['post', (who) => this.#say(who, this.place())],
    ['send', async () => this.#send()],
    [
      'reply',
      (who) =>
        this.#of(
          (s) => s.thread === null,
          (s) => this.#say(who, s.room, { thread: s.id }),
        ),
    ],
    [
      'reply',
      (who) =>
        this.#of(
          (s) => s.thread === null,
          (s) => this.#say(who, s.room, { thread: s.id }),
        ),
    ],
    ['send a reply', async () => this.#sendReply()],
    [
      'quote',
      (who) =>
        this.#of(
          () => true,
          (s) => this.#say(who, s.room, { quote: s.id }),
        ),
    ],
    [
      'edit',
      () =>
        this.#of(
          () => true,
          (s, path) => ask(s.by, 'PATCH', path, { content: this.#text() }),
        ),
    ],
    [
      'edit',
      () =>
        this.#of(
          () => true,
          (s, path) => ask(s.by, 'PATCH', path, { content: this.#text() }),
        ),
    ],
    [
      'delete',
      () =>
        this.#of(
          () => true,
          (s, path) => ask(s.by, 'DELETE', path),
        ),
    ],
    ['react', (who) => this.#react(who, true)],
    ['react', (who) => this.#react(who, true)],
    ['unreact', (who) => this.#react(who, false)],
    [
      'pin',
      (who) =>
        this.#of(
          () => true,
          (_, path) => ask(who, 'PUT', `${path}/pin`),
        ),
    ],
    [
      'unpin',
      (who) =>
        this.#of(
          () => true,
          (_, path) => ask(who, 'DELETE', `${path}/pin`),
        ),
    ],
    [
      'save',
      (who) =>
        this.#of(
          () => true,
          (_, path) => ask(who, this.chance(0.7) ? 'PUT' : 'DELETE', `${path}/saved`),
        ),
    ],
    ['topic', (who) => ask(who, 'PATCH', `rooms/${this.place().name}`, { topic: `topic ${this.#step}` })],
    ['rename', () => this.#rename(this.place(this.rooms.slice(1)))],
    [
      'settings',
      () => ask('ann', 'PATCH', `rooms/${this.place(this.rooms.slice(1)).name}`, { read_only: this.chance(0.3) }),
    ],
    [
      'notify',
      (who) =>
        ask(who, 'PUT', `rooms/${this.place().name}/notify`, {
          level: this.pick(['all', 'mentions', 'nothing']),
          muted: this.chance(0.3),
        }),
    ],
    [
      'role',
      () =>
        ask('ann', 'PUT', `${this.#member(this.pick(['bob', 'cid']))}/role`, {
          role: this.pick(['moderator', 'member']),
        }),
    ],
    ['add', () => ask('ann', 'PUT', this.#member(this.pick(['cid', 'dot'])))],
    ['add', () => ask('ann', 'PUT', this.#member(this.pick(['cid', 'dot'])))],
    ['remove', () => ask('ann', 'DELETE', this.#member(this.pick(['cid', 'dot'])))],
    ['read', (who) => this.#read(who, false)],
    ['unread', (who) => this.#read(who, true)],
    [
      'read a thread',
      (who) =>
        this.#of(
          (s) => s.thread !== null,
          (s) => ask(who, 'POST', `rooms/${s.room.name}/messages/${s.thread}/read`, { seq: s.seq }),
        ),
    ],
    [
      'follow',
      (who) =>
        this.#of(
          (s) => s.thread !== null,
          (s) =>
            ask(who, 'PUT', `rooms/${s.room.name}/messages/${s.thread}/following`, { following: this.chance(0.5) }),
        ),
    ],
    ['cut', () => this.#cut()],
    ['cut', () => this.#cut()],
    ['resume', () => this.#resume()],
    ['resume', () => this.#resume()],
  ];

  #member(who: Name): string {
    return `rooms/${this.place(this.rooms.slice(1)).name}/members/${ids.get(who)}`;
  }

  async #send(): Promise<Answer> {
    const { client } = this.pick(this.devices);
    const room = this.place().name;
    if (!client.getState().rooms[room]) return this.#nothing;
    client.send(room, this.#text());
    return { status: 200, body: {} };
  }

  async #sendReply(): Promise<Answer> {
    const { client } = this.pick(this.devices);
    const open = Object.values(threads(client).getState().threads).filter((t) => t.root && !t.root.deleted);
    if (open.length === 0) return this.#nothing;
    const one = this.pick(open);
    this.#touch(this.rooms.find((r) => r.name === one.room)!, one.id);
    threads(client).send(one.id, this.#text());
    return { status: 200, body: {} };
  }

  /** react is done on a device where there is one, so that it is shown there before the server has heard of it. */
  #react(who: Name, on: boolean): Promise<Answer> {
    return this.#of(
      () => true,
      async (s, path) => {
        const one = this.pick(emoji);
        const device = this.devices.find((d) => d.who === who);
        if (!device) return ask(who, on ? 'PUT' : 'DELETE', `${path}/reactions/${encodeURIComponent(one)}`);
        const api = rest(device.client);
        const asked = on ? api.react(s.room.name, s.id, one) : api.unreact(s.room.name, s.id, one);
        return asked.then(
          () => ({ status: 204, body: {} }),
          (err: { status: number; message: string }) => ({ status: err.status, body: { message: err.message } }),
        );
      },
    );
  }

  async #rename(room: Place): Promise<Answer> {
    const name = `${room.name.replace(/-\d+$/, '')}-${this.#step}`;
    const answer = await ask('ann', 'PATCH', `rooms/${room.name}`, { name });
    if (answer.status === 200) room.name = name;
    return answer;
  }

  async #read(who: Name, back: boolean): Promise<Answer> {
    const path = `rooms/${this.place().name}`;
    const { status, body } = await ask(who, 'GET', path);
    if (status !== 200) return this.#nothing;
    const n = Math.floor(this.#random() * ((body.n as number) + 1));
    return ask(who, 'POST', `${path}/read`, back ? { n, version: body.read_version } : { n });
  }

  async #cut(): Promise<Answer> {
    const device = this.pick(this.devices);
    if (!device.connected) return this.#nothing;
    await device.cut();
    return { status: 200, body: {} };
  }

  async #resume(): Promise<Answer> {
    const device = this.devices.find((d) => !d.connected);
    if (!device) return this.#nothing;
    await device.resume();
    return { status: 200, body: {} };
  }
}

test('state and events are a fresh state, whatever is done and however often the connection is cut', async () => {
  const seed = Number(process.env.SEED ?? SEED);
  const rooms = ['general', 'secret', 'late'].map((name) => ({ name }));
  for (const [name, history] of [
    ['secret', 'all'],
    ['late', 'joined'],
  ])
    expect(
      await ask('ann', 'POST', 'rooms', { name, kind: 'private', history, members: [ids.get('bob'), ids.get('cid')] }),
    ).toMatchObject({ status: 201 });
  // Whoever has said nothing in a room yet has nothing unread there: each device counts from its first connection.
  for (const room of rooms)
    for (const who of ['bob', 'cid'] as const)
      await ask(who, 'POST', 'messages', { room: room.name, content: 'hello' });
  const devices = [new Device('bob'), new Device('cid')];
  const play = new Play(seed, rooms, devices);
  for (const device of devices) await device.until('a connection', () => device.connected);
  try {
    for (const device of devices) await compareAll(device);
    for (let step = 0; step < STEPS; step++) {
      await play.step();
      const there = devices.filter((d) => d.connected);
      for (const device of there) await device.sent();
      await Promise.all(there.map(compare));
    }
    for (const device of devices.filter((d) => !d.connected)) await device.resume();
    for (const device of devices) await device.sent();
    for (const device of devices) await compareAll(device);
  } catch (err) {
    throw new Error(`SEED=${seed}`, { cause: err });
  }
  // Another seed may have nothing but refusals for one of them.
  if (seed === SEED) expect([...play.done.keys()].sort(), 'what was done at least once').toEqual(play.kinds);
}, 180_000);
