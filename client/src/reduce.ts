/** reduce makes the next state of an event. Pure: time comes with the event, and what did not change keeps its identity. */
import { blank, findUnsettled, KEPT, splice, tailStart, trim } from './entries.ts';
import { nameOf, record, renamed } from './names.ts';
import type { ChangeFrame, RoomAddedFrame, ServerFrame, WelcomeFrame } from './protocol.ts';
import {
  type Around,
  count,
  look,
  newRoom,
  type Page,
  paged,
  pagedOlder,
  reduceRoom,
  welcomed,
  withCursor,
} from './reduce-room.ts';
import { said, type Told, toldOf } from './settings.ts';
import { withSync } from './sync.ts';
import type { Ended, Me, MessageEntry, Room, State, Status, Sync, Workspace } from './types.ts';

export { record } from './names.ts';

/** A room as GET /api/rooms tells of it. */
export interface ListedRoom extends Told {
  id: string;
  name: string;
  kind: Room['kind'];
  topic: string;
  seq: number;
  n: number;
  online: number;
  unread: number;
  read_n: number;
  read_version: number;
  archived?: boolean;
  mentions?: number;
}

export type Event =
  /** What comes from where the state is kept, or from another tab. change is pure. */
  | { type: 'kept'; change: (state: State) => State }
  | { type: 'frame'; frame: ServerFrame; now: number }
  | { type: 'status'; status: Exclude<Status, 'signed_out'>; retryAt: number | null }
  | { type: 'ended'; ended: Ended | null }
  | { type: 'cut' }
  | { type: 'forget' }
  | { type: 'stream'; rooms: readonly string[]; stream: Sync['stream'] }
  | { type: 'gone'; room: string }
  | { type: 'me'; me: Me }
  | { type: 'workspace'; workspace: Workspace }
  | { type: 'rooms'; rooms: readonly ListedRoom[] }
  | { type: 'open'; room: string | null; now: number }
  | { type: 'visible'; visible: boolean; now: number }
  | { type: 'loading'; room: string; what: 'first' | 'older' | 'again' }
  | { type: 'page'; room: string; page: Page; before: number | null; now: number }
  | { type: 'latest'; room: string }
  | { type: 'read'; room: string }
  | { type: 'load_failed'; room: string; error: string }
  | { type: 'send'; room: string; clientId: string; content: string; quote?: string; now: number }
  | { type: 'failed'; room: string; clientId: string; error: string; code: string }
  | { type: 'retry'; room: string; clientId: string; as: string; now: number }
  | { type: 'discard'; room: string; clientId: string }
  | { type: 'draft'; room: string; text: string }
  /** Nothing has changed, but what a room needs is to be looked at. */
  | { type: 'tick' };

export const initial: State = {
  status: 'disconnected',
  retryAt: null,
  ended: null,
  me: null,
  workspace: null,
  rooms: record({}),
  renamed: record({}),
  removed: null,
  roomNames: [],
  open: null,
  visible: false,
  people: record({}),
  drafts: record({}),
};

export function reduce(state: State, event: Event): State {
  switch (event.type) {
    case 'frame':
      return frame(state, event.frame, event.now);
    case 'status':
      return state.status === event.status && state.retryAt === event.retryAt
        ? state
        : { ...state, status: event.status, retryAt: event.retryAt, ended: null };
    case 'ended':
      return { ...everyRoom(state, cut), status: 'signed_out', retryAt: null, ended: event.ended };
    case 'cut':
      return everyRoom(state, cut);
    case 'forget':
      return {
        ...initial,
        status: state.status,
        ended: state.ended,
        workspace: state.workspace,
        visible: state.visible,
      };
    case 'stream':
      return event.rooms.reduce(
        (s, name) =>
          inRoom(s, name, (r) => (r.sync.stream === event.stream ? r : withSync(r, { stream: event.stream }))),
        state,
      );
    case 'gone':
      return gone(state, event.room);
    case 'me':
      return { ...state, me: event.me };
    case 'workspace':
      return { ...state, workspace: event.workspace };
    case 'rooms':
      return listed(state, event.rooms);
    case 'open':
      return opened(state, event.room, event.now);
    case 'visible':
      return visible(state, event.visible, event.now);
    case 'kept':
      return event.change(state);
    case 'draft':
      return drafted(state, event.room, event.text);
    case 'tick':
      return state;
    default:
      return inRoom(state, event.room, (r) => ofRoom(state, r, event));
  }
}

type RoomEvent = Extract<
  Event,
  { type: 'loading' | 'page' | 'latest' | 'read' | 'load_failed' | 'send' | 'failed' | 'retry' | 'discard' }
>;

function ofRoom(state: State, room: Room, event: RoomEvent): Room {
  switch (event.type) {
    case 'loading': {
      const next: Room = event.what === 'again' ? room : { ...room, loading: event.what, loadError: null };
      if (event.what !== 'first' || room.sync.loaded) return next;
      return withSync(next, { loaded: true, keptFrom: room.sync.cursor?.seq ?? 0 });
    }
    case 'page': {
      const around = aroundOf(state, room.name, event.now);
      return event.before === null
        ? paged(room, event.page, around)
        : pagedOlder(room, event.page, event.before, around);
    }
    case 'latest':
      return room.past === null ? room : { ...room, past: null };
    case 'read':
      return readToEnd(room);
    case 'load_failed':
      return { ...room, loading: 'none', loadError: event.error };
    case 'send':
      return { ...room, past: null, entries: [...room.entries, pending(state.me, event)] };
    case 'failed':
      return waiting(room, event.clientId, (m) => ({ ...m, state: 'failed', error: event.error, code: event.code }));
    case 'retry':
      return waiting(room, event.clientId, (m) => ({
        ...m,
        state: 'pending',
        error: null,
        code: null,
        clientId: event.as,
        time: event.now,
      }));
    case 'discard': {
      const at = findUnsettled(room.entries, event.clientId);
      return at < 0 ? room : { ...room, entries: splice(room.entries, at, 1) };
    }
  }
}

/** drafted is the state with another text that is being written in a room. */
export function drafted(state: State, room: string, text: string): State {
  room = nameOf(state, room);
  if ((state.drafts[room] ?? '') === text) return state;
  const drafts = record(state.drafts, { [room]: text });
  if (text === '') delete drafts[room];
  return { ...state, drafts };
}

function pending(me: Me | null, e: { clientId: string; content: string; quote?: string; now: number }): MessageEntry {
  return {
    ...blank,
    key: e.clientId,
    user: me?.name ?? '',
    userId: me?.id ?? '',
    content: e.content,
    time: e.now,
    clientId: e.clientId,
    state: 'pending',
    quote: e.quote || null,
  };
}

function waiting(room: Room, clientId: string, change: (m: MessageEntry) => MessageEntry): Room {
  const at = findUnsettled(room.entries, clientId);
  return at < 0 ? room : { ...room, entries: splice(room.entries, at, 1, change(room.entries[at] as MessageEntry)) };
}

export function aroundOf(state: State, room: string, now: number): Around {
  return { me: state.me?.id ?? '', blocked: state.blocked, open: state.open === room, visible: state.visible, now };
}

export function inRoom(state: State, name: string, change: (room: Room) => Room): State {
  name = nameOf(state, name);
  const room = state.rooms[name];
  if (!room) return state;
  const next = change(room);
  if (next === room) return state;
  const changed = { ...state, rooms: record(state.rooms, { [name]: next }) };
  return next.archived === room.archived ? changed : named(changed);
}

export function everyRoom(state: State, change: (room: Room) => Room): State {
  return Object.keys(state.rooms).reduce((s, name) => inRoom(s, name, change), state);
}

/** named lists the names of the rooms anew. */
export function named(state: State): State {
  return {
    ...state,
    roomNames: Object.keys(state.rooms)
      .filter((name) => !state.rooms[name]!.archived)
      .sort(),
  };
}

/** cut is a room without a connection. */
const cut = (room: Room): Room => (room.sync.stream === 'off' ? room : withSync(room, { stream: 'off' }));

/** waits tells whether something is in a room that was not stored: then it stays, so that nothing that was said is lost. */
const waits = (room: Room) => tailStart(room.entries) < room.entries.length;

/** shut is a room that is not there for this person: of it there is only what waits, and no stream is asked for. */
const shut = (r: Room): Room => {
  const { topic, kind, people, entries } = r;
  return withSync(
    { ...newRoom(r.name, r.id), topic, kind, people, entries: entries.slice(tailStart(entries)) },
    { stream: 'refused' },
  );
};

/** gone takes a room off, or lets what waits in it be sent, which the server refuses with a reason. */
function gone(state: State, name: string): State {
  const room = state.rooms[nameOf(state, name)];
  if (!room) return state;
  name = room.name;
  if (state.removed?.room !== name) state = lost(state, name, room.kind);
  if (waits(room)) return inRoom(state, name, shut);
  const rooms = record(state.rooms);
  delete rooms[name];
  return named({ ...state, rooms });
}

/** lost notes that a room is there no more for this person, and what is known of why. */
function lost(state: State, room: string, kind: Room['kind'], by = '', why: ChangeFrame['data'] = {}): State {
  const { reason, banned, left } = why;
  return { ...state, removed: { room, kind, by, reason: said(reason), banned: banned === true, left: left === true } };
}

function frame(state: State, f: ServerFrame, now: number): State {
  switch (f.type) {
    case 'welcome':
      return welcome(state, f);
    case 'room_added':
      return added(state, f);
    case 'room_removed':
      return state.rooms[nameOf(state, f.room)]?.id === f.room_id ? gone(state, f.room) : state;
    case 'room_renamed':
      return named(renamed(state, [{ id: f.room_id, name: f.room }]));
    case 'auth':
    case 'goodbye':
    case 'error':
    case 'other':
      return state;
  }
  const next = inRoom(state, f.room, (r) => reduceRoom(r, f, aroundOf(state, r.name, now)));
  if (f.type === 'change' && f.kind === 'member_removed' && f.data.user_id === state.me?.id) {
    // That the room is gone may be heard before why.
    const room = nameOf(state, f.room);
    return lost(next, room, (state.rooms[room] ?? state.removed)?.kind ?? 'private', f.user, f.data);
  }
  return next;
}

/** added takes in a room that is new for this person. Its stream begins when it is subscribed. */
function added(state: State, f: RoomAddedFrame): State {
  state = renamed(state, [{ id: f.room_id, name: f.room }]);
  const known = state.rooms[f.room];
  const same = known?.id === f.room_id;
  if (same && known.sync.stream !== 'refused' && known.sync.stream !== 'removed') return state;
  const room = same ? withSync(known, { stream: 'off' }) : newRoom(f.room, f.room_id);
  const rooms = record(state.rooms, { [f.room]: { ...room, topic: f.topic, ...toldOf(f) } });
  return named({ ...state, rooms, removed: state.removed?.room === f.room ? null : state.removed });
}

/** welcome begins a connection. If it is another person's, nothing of the one before stays. */
function welcome(state: State, f: WelcomeFrame): State {
  if (state.me !== null && state.me.id !== f.user_id)
    state = { ...initial, workspace: state.workspace, open: state.open, visible: state.visible };
  state = renamed(
    state,
    f.rooms.map((w) => ({ id: w.room_id, name: w.room })),
  );
  const me: Me =
    state.me !== null && state.me.name === f.user && state.me.kind === f.kind
      ? state.me
      : {
          role: null,
          email: null,
          avatar: null,
          display: f.user,
          ...state.me,
          id: f.user_id,
          name: f.user,
          kind: f.kind,
        };
  const rooms = record<Room>({});
  for (const room of Object.values(state.rooms)) if (waits(room)) rooms[room.name] = shut(room);
  for (const w of f.rooms) {
    const before = state.rooms[w.room];
    const room = { ...welcomed(before, w), ...toldOf(w) };
    rooms[w.room] = (!before || before.sync.head === 0) && state.open === w.room ? marked(room) : room;
  }
  return named({ ...state, status: 'connected', retryAt: null, ended: null, me, rooms });
}

const marked = (room: Room): Room => ({ ...room, firstUnread: room.unread > 0 ? room.readN + 1 : null });

/** listed takes over the list of rooms. It adds and updates; that a room is gone is learned from frames and from subscribing. */
function listed(state: State, list: readonly ListedRoom[]): State {
  const before = state;
  state = renamed(state, list);
  const known = new Map(Object.values(state.rooms).map((r) => [r.id, r]));
  const rooms = record(state.rooms);
  let changed = state !== before;
  for (const l of list) {
    const was = known.get(l.id);
    const room = listedRoom(was, l);
    if (room === was) continue;
    rooms[room.name] = !was && state.open === l.name ? marked(room) : room;
    changed = true;
  }
  return changed ? named({ ...state, rooms }) : state;
}

function listedRoom(before: Room | undefined, l: ListedRoom): Room {
  const room = before ?? newRoom(l.name, l.id);
  const live = room.sync.stream === 'live'; // then frames know better how many are here
  const old = l.seq < room.sync.told;
  const archived = old ? room.archived : l.archived === true;
  const next: Room = {
    ...room,
    ...(old ? {} : { topic: l.topic, ...toldOf(l, room) }),
    archived,
    online: live ? room.online : l.online,
    lastN: Math.max(room.lastN, l.n),
    mentions: l.n < room.lastN ? room.mentions : (l.mentions ?? 0),
  };
  // Whoever has read more than the list has messages has spoken since it was made: their own messages count as read.
  const late = before !== undefined && room.sync.serverReadN > l.n;
  const full = late
    ? count(next)
    : count(withCursor(next, l.read_n, l.read_version, l.n - l.unread, before === undefined));
  const same =
    before && (Object.keys(full) as (keyof Room)[]).every((key) => key === 'sync' || before[key] === full[key]);
  return same ? before : full;
}

function opened(state: State, name: string | null, now: number): State {
  if (state.open === name) return state;
  let next: State = { ...state, open: name };
  if (state.open !== null) next = inRoom(next, state.open, left);
  if (name !== null)
    next = inRoom(next, name, (r) =>
      look(r.unread > 0 ? { ...withSync(marked(r), { stays: false }), past: null } : r, aroundOf(next, name, now)),
    );
  return next;
}

/** left is a room that is no more on screen: it keeps less, and no line between old and new. */
function left(room: Room): Room {
  const entries = trim(room.entries);
  const past = (room.past?.entries.length ?? 0) > KEPT ? null : room.past;
  if (entries === room.entries && past === room.past && room.firstUnread === null) return room;
  return { ...room, entries, past, firstUnread: null, hasOlder: room.hasOlder || entries.length < room.entries.length };
}

function readToEnd(room: Room): Room {
  const next = room.firstUnread === null ? room : { ...room, firstUnread: null };
  return room.readN >= room.lastN ? next : count(withSync(next, { mark: room.lastN, stays: false }));
}

function visible(state: State, now: boolean, at: number): State {
  if (state.visible === now) return state;
  const next = { ...state, visible: now };
  return next.open === null ? next : inRoom(next, next.open, (r) => look(r, aroundOf(next, r.name, at)));
}

/** pendingOf lists what waits in a room, in the order in which it was said. */
export function pendingOf(room: Room | undefined): MessageEntry[] {
  return room
    ? (room.entries.slice(tailStart(room.entries)) as MessageEntry[]).filter((m) => m.state === 'pending')
    : [];
}
