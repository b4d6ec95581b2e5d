import type { Client, MessageEntry, NoticeEntry, Room, State } from '@parley-chat/client';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { ClientProvider } from '../app/client';

/** What the tests of the page are made of: entries, a room, and a client that does what it is told. */

let made = 0;

export function message(over: Partial<MessageEntry> = {}): MessageEntry {
  const n = ++made;
  return {
    kind: 'message',
    key: `m${n}`,
    id: `id${n}`,
    seq: n,
    n,
    user: 'ann',
    userId: 'u-ann',
    content: `message ${n}`,
    time: Date.UTC(2026, 5, 3, 12, 0, 0),
    clientId: `c${n}`,
    state: 'sent',
    error: null,
    code: null,
    html: null,
    deleted: false,
    edited: null,
    thread: null,
    quote: null,
    mentions: [],
    mentionsAll: null,
    reactions: [],
    pinned: false,
    saved: false,
    replies: null,
    ...over,
  };
}

export function notice(over: Partial<NoticeEntry> = {}): NoticeEntry {
  return {
    kind: 'notice',
    key: `x${++made}`,
    notice: 'join',
    users: ['bob'],
    by: null,
    text: null,
    time: Date.UTC(2026, 5, 3, 12, 0, 0),
    seq: null,
    ...over,
  };
}

export function room(over: Partial<Room> = {}): Room {
  return {
    id: 'r1',
    name: 'general',
    topic: '',
    kind: 'public',
    role: '',
    readOnly: false,
    slowMode: 0,
    history: 'all',
    people: [],
    archived: false,
    unread: 0,
    mentions: 0,
    notify: '',
    muted: false,
    readN: 0,
    readVersion: 0,
    online: 1,
    users: ['ann'],
    typing: [],
    entries: [],
    hasOlder: false,
    past: null,
    loading: 'none',
    loadError: null,
    firstUnread: null,
    lastN: 0,
    ...over,
  } as Room;
}

export function state(over: Partial<State> = {}): State {
  return {
    status: 'connected',
    retryAt: null,
    ended: null,
    me: { id: 'u-ann', name: 'ann', display: 'Ann', kind: 'member', role: 'owner', email: null, avatar: null },
    workspace: { name: 'Tidewater', hue: 212, setUp: true, registration: 'invite', guests: false },
    rooms: { general: room() },
    renamed: {},
    removed: null,
    roomNames: ['general'],
    open: 'general',
    visible: true,
    people: {},
    drafts: {},
    ...over,
  };
}

type Hearer = Parameters<Client['link']['onFrame']>[0];

/** A client whose state is set by the test, and whose methods only remember that they were called. */
export function fakeClient(first: State = state()) {
  let now = first;
  const listeners = new Set<() => void>();
  const hearers = new Set<Hearer>();
  const set = (next: State) => {
    now = next;
    for (const listener of listeners) {
      listener();
    }
  };
  const client = {
    api: { ask: vi.fn(async (): Promise<unknown> => Promise.reject(new Error('there is no server'))) },
    getState: () => now,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: vi.fn(),
    stop: vi.fn(),
    open: vi.fn(async () => {}),
    close: vi.fn(),
    loadOlder: vi.fn(async () => {}),
    loadNewer: vi.fn(async () => {}),
    jump: vi.fn(async () => {}),
    latest: vi.fn(),
    send: vi.fn(() => 'c'),
    retry: vi.fn(),
    discard: vi.fn(),
    typing: vi.fn(),
    stopTyping: vi.fn(),
    setDraft: vi.fn((room: string, text: string) => set({ ...now, drafts: { ...now.drafts, [room]: text } })),
    unsaved: vi.fn(() => true),
    setVisible: vi.fn(),
    seen: vi.fn(),
    allSeen: vi.fn(),
    link: {
      onFrame: vi.fn((hearer: Hearer) => {
        hearers.add(hearer);
        return () => hearers.delete(hearer);
      }),
      send: vi.fn(() => false),
      apply: vi.fn(),
      clock: { now: Date.now, setTimeout, clearTimeout },
    },
    refreshRooms: vi.fn(async () => {}),
  };
  return {
    ...client,
    as: client as unknown as Client,
    set,
    /** The server says something; isNew: as the next entry of its room. */
    hear: (frame: Record<string, unknown>, isNew = true) => {
      for (const hearer of [...hearers]) {
        hearer(frame as unknown as Parameters<Hearer>[0], isNew);
      }
    },
  };
}

export function draw(client: ReturnType<typeof fakeClient>, children: ReactNode) {
  return render(<ClientProvider client={client.as}>{children}</ClientProvider>);
}
