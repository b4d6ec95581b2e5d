/** A server made of a fake WebSocket and a fake fetch, for tests that own the time. */
import { expect, vi } from 'vitest';
import { type Client, type ClientOptions, createClient } from '../src/index.ts';
import { past } from '../src/past.ts';
import { presence } from '../src/presence.ts';
import type { ClientFrame } from '../src/protocol.ts';

export const ANN = '0190a8c0-1111-7000-8000-000000000001';
export const BOB = '0190a8c0-1111-7000-8000-000000000002';
const EPOCH = '0190a8c0-3333-7000-8000-000000000001';

export class FakeSocket {
  readyState = 0;
  sent: ClientFrame[] = [];
  closedByClient = false;
  /** A server that is there by name only. */
  mute = false;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(data: string): void {
    const frame = JSON.parse(data) as ClientFrame;
    this.sent.push(frame);
    if (frame.type === 'ping' && !this.mute)
      this.hear({ type: 'error', code: 'invalid', message: 'type "ping" is not known', ref: 'ping' });
  }

  close(): void {
    this.readyState = 3;
    this.closedByClient = true;
  }

  /** hear gives the client a frame. */
  hear(frame: unknown): void {
    this.readyState = 1;
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  /** end closes the connection from the server's side. */
  end(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  of<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }>[] {
    return this.sent.filter((f): f is Extract<ClientFrame, { type: T }> => f.type === type);
  }
}

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}
export type Route = (url: URL, init: RequestInit) => Answer | Promise<Answer>;

export interface World {
  client: Client;
  sockets: FakeSocket[];
  /** By method and path; by the method alone: for all paths without one. */
  routes: Record<string, Route>;
  asked: { method: string; path: string; headers: Record<string, string>; body: string | undefined }[];
  /** The connection of now. */
  socket: () => FakeSocket;
  /** Lets promises and due timers run. */
  pass: (ms?: number) => Promise<void>;
  /** The server's first frames on the connection of now: welcome, and subscribed for all that was asked for. */
  welcome: (over?: Record<string, unknown>) => Promise<void>;
  room: () => NonNullable<ReturnType<Client['getState']>['rooms'][string]>;
}

export const welcomeRoom = (over: Record<string, unknown> = {}) => ({
  room: 'general',
  room_id: 'r-general',
  epoch: EPOCH,
  seq: 0,
  n: 0,
  read_n: 0,
  read_version: 0,
  unread: 0,
  ...over,
});

export const message = (seq: number, over: Record<string, unknown> = {}) => ({
  type: 'message',
  room: 'general',
  id: `id-${seq}`,
  seq,
  n: seq,
  user: 'bob',
  user_id: BOB,
  content: `text ${seq}`,
  timestamp: '2026-01-31T09:30:00.125Z',
  client_id: `client-${seq}`,
  ...over,
});

export const ack = (clientId: string, seq: number, over: Record<string, unknown> = {}) => ({
  type: 'ack',
  room: 'general',
  client_id: clientId,
  id: `id-${seq}`,
  seq,
  n: seq,
  timestamp: '2026-01-31T09:30:00.125Z',
  ...over,
});

export const page = (messages: unknown[] = [], asOf = messages.length, hasMore = false): Answer => ({
  body: { messages, epoch: EPOCH, as_of: asOf, has_more: hasMore, page: 1 },
});

const person = { id: ANN, name: 'ann', display: 'Ann', kind: 'member', role: 'owner' };

/** The far side of clients: what they open and ask for, and what they are answered. */
export function fakeServer(base = 'https://chat.example/') {
  const sockets: FakeSocket[] = [];
  const asked: World['asked'] = [];
  const routes: World['routes'] = {
    'GET /api/me': () => ({ body: person }),
    'GET /api/workspace': () => ({
      body: { name: 'Acme', hue: 212, set_up: true, registration: 'invite', guests: false },
    }),
    'GET /api/rooms': () => ({ body: { rooms: [] } }),
    'GET /api/users': () => ({ body: { users: [person] } }),
    'GET /api/messages': () => page(),
    'POST /api/auth/refresh': () => ({
      body: { access_token: 'renewed', token_type: 'Bearer', expires_in: 900, user: person },
    }),
  };
  const prefix = new URL(base).pathname.replace(/\/$/, '');
  const WebSocket = class extends FakeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  } as unknown as NonNullable<ClientOptions['WebSocket']>;
  const fetch = (async (input: string, init: RequestInit = {}) => {
    const url = new URL(input);
    const path = url.pathname.slice(prefix.length);
    asked.push({
      method: init.method!,
      path: path + url.search,
      headers: init.headers as Record<string, string>,
      body: init.body as string | undefined,
    });
    const route = routes[`${init.method} ${path}`] ?? routes[init.method!];
    const answer: Answer = route
      ? await route(url, init)
      : { status: 404, body: { detail: 'there is nothing here', code: 'not_found' } };
    const text =
      answer.body === undefined ? null : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return new Response(text, { status: answer.status ?? 200, headers: answer.headers ?? {} });
  }) as typeof globalThis.fetch;
  return { sockets, asked, routes, WebSocket, fetch };
}

/** greet says what a server says first: welcome, and subscribed for all that was asked for. */
export function greet(s: FakeSocket, over: Record<string, unknown> = {}): void {
  s.hear({
    type: 'welcome',
    protocol: 'parley.v1',
    user: 'ann',
    user_id: ANN,
    kind: 'member',
    limits: { content: 8000, frame: 65536, rooms: 1000, subscribe: 200, sends_open: 64 },
    rooms: [welcomeRoom()],
    ...over,
  });
  for (const f of s.of('subscribe')) {
    for (const r of f.rooms)
      s.hear({
        type: 'subscribed',
        room: r.room,
        room_id: `r-${r.room}`,
        epoch: r.epoch ?? EPOCH,
        seq: r.seq ?? 0,
        min_seq: 1,
        ...(r.id ? { id: r.id } : {}),
      });
  }
}

/** world starts a client; the clock must be fake already. */
export function world(options: Partial<ClientOptions> = {}): World {
  const { sockets, asked, routes, WebSocket, fetch } = fakeServer(options.base);
  const client = createClient({ base: 'https://chat.example/', random: () => 0, WebSocket, fetch, ...options });
  presence(client);
  past(client);
  const socket = () => {
    expect(sockets.length, 'a socket was opened').toBeGreaterThan(0);
    return sockets.at(-1)!;
  };
  const pass = async (ms = 0) => void (await vi.advanceTimersByTimeAsync(ms));
  return {
    client,
    sockets,
    routes,
    asked,
    socket,
    pass,
    room: () => client.getState().rooms.general!,
    welcome: async (over = {}) => {
      greet(socket(), over);
      await pass();
    },
  };
}
