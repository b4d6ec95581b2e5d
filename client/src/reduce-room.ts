/** What frames, pages and sends do to one room. Pure; a room that nothing happens to keeps its identity. */
import {
  altered,
  blank,
  findUnsettled,
  type List,
  merge,
  newNotice,
  oldestSeq,
  settle,
  splice,
  tailStart,
  tombstone,
} from './entries.ts';
import {
  type AckFrame,
  type ChangeFrame,
  type EntryFrame,
  isReaction,
  type MessageFrame,
  type ServerFrame,
  type SubscribedFrame,
  type WelcomeRoom,
} from './protocol.ts';
import { changedBy } from './settings.ts';
import { withSync } from './sync.ts';
import type { Cursor, MessageEntry, Reaction, Replies, Room, State, Sync } from './types.ts';

/** What a room must know of its surroundings. */
export interface Around {
  /** User id of whoever is signed in; '' before that is known. */
  readonly me: string;
  readonly blocked: State['blocked'];
  /** The room is on screen. */
  readonly open: boolean;
  /** The page is visible and has the focus. */
  readonly visible: boolean;
  readonly now: number;
}

/** A page of history, as the REST answer has it. */
export interface Page {
  readonly messages: readonly Omit<MessageFrame, 'type'>[];
  readonly epoch: string;
  readonly as_of: number;
  readonly has_more: boolean;
}

export type RoomFrame = Exclude<
  ServerFrame,
  {
    type: 'welcome' | 'auth' | 'room_added' | 'room_removed' | 'room_renamed' | 'goodbye' | 'error' | 'other';
  }
>;

export function newRoom(name: string, id: string): Room {
  return {
    id,
    name,
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
    online: 0,
    users: [],
    typing: [],
    entries: [],
    hasOlder: false,
    past: null,
    loading: 'none',
    loadError: null,
    firstUnread: null,
    lastN: 0,
    sync: {
      cursor: null,
      epoch: '',
      stream: 'off',
      begun: false,
      head: 0,
      loaded: false,
      paged: false,
      refill: false,
      keptFrom: 0,
      serverReadN: 0,
      mark: null,
      stays: false,
      typing: [],
      told: 0,
      changes: [],
      nextKey: 1,
    },
  };
}

/** count brings unread and readN in line with the numbers that they follow from. */
export function count(room: Room): Room {
  const { serverReadN, mark } = room.sync;
  const settled = mark !== null && mark <= serverReadN;
  const readN = mark !== null && !settled ? mark : serverReadN;
  const unread = Math.max(0, room.lastN - readN);
  const mentions = unread && room.mentions;
  if (readN === room.readN && unread === room.unread && mentions === room.mentions && !settled) return room;
  const next = { ...room, readN, unread, mentions };
  return settled ? withSync(next, { mark: null }) : next;
}

/** look marks everything as read if the room is being looked at. */
export function look(room: Room, around: Around): Room {
  if (!around.open || !around.visible || !room.sync.paged || room.sync.stays || room.readN >= room.lastN) return room;
  return count(withSync(room, { mark: room.lastN }));
}

/**
 * welcomed takes over what welcome says of a room. No stream runs on the new connection yet; a room that is new here is
 * subscribed from the position that welcome speaks of, so that nothing is missed in between.
 */
export function welcomed(room: Room | undefined, w: WelcomeRoom): Room {
  if (!room || room.id !== w.room_id) room = newRoom(w.room, w.room_id);
  const { cursor } = room.sync;
  const sameEpoch = room.sync.epoch === w.epoch;
  const lastN = sameEpoch ? Math.max(room.lastN, w.n) : w.n;
  const next: Room = { ...room, lastN, mentions: w.mentions ?? 0 };
  const sync: Partial<Sync> = {
    stream: 'off',
    head: w.seq,
    told: w.seq,
    epoch: w.epoch,
    ...(cursor === null ? { cursor: { epoch: w.epoch, seq: w.seq, id: null }, keptFrom: w.seq } : {}),
    ...(sameEpoch ? {} : { mark: null }),
  };
  return count(withSync(withCursor(next, w.read_n, w.read_version, w.n - w.unread, !sameEpoch), sync));
}

/**
 * withCursor takes over where the person's read cursor stands on the server. Who has none yet (version 0) has nothing
 * unread; then base is where counting begins, unless it has begun already.
 */
export function withCursor(room: Room, n: number, version: number, base: number, anew: boolean): Room {
  if (version === 0) {
    const begun = !anew && (room.readVersion > 0 || room.sync.cursor !== null);
    return begun ? room : { ...withSync(room, { serverReadN: Math.max(n, base) }), readVersion: 0 };
  }
  if (!anew && version < room.readVersion) return room;
  return { ...withSync(room, { serverReadN: n }), readVersion: version };
}

export function reduceRoom(room: Room, frame: RoomFrame, around: Around): Room {
  switch (frame.type) {
    case 'subscribed':
    case 'reset':
      return subscribed(room, frame, around.open);
    case 'message':
    case 'ack':
    case 'change':
    case 'skip':
    case 'entry':
      return met(entry(room, frame, around), around.me);
    case 'read':
      if (frame.version <= room.readVersion) return room;
      // Whoever moves it back on another device wants the room to stay unread here as well.
      return cursorAt(room, frame, room.sync.serverReadN > frame.n ? around.open : room.sync.stays);
  }
}

/** cursorAt is a room with the person's cursor elsewhere. stays: it is on screen, and what is unread in it is to stay so. */
export function cursorAt(room: Room, c: { n: number; version: number; mentions?: number }, stays: boolean): Room {
  const sync = { serverReadN: c.n, stays, ...(stays && { mark: null }) };
  const next = { ...withSync(room, sync), readVersion: c.version, mentions: c.mentions ?? 0 };
  return count(stays && c.n < room.readN ? { ...next, firstUnread: c.n + 1 } : next);
}

function positionOf(f: { epoch: string; seq: number; id?: string }): Cursor {
  return { epoch: f.epoch, seq: f.seq, id: f.id || null };
}

function subscribed(room: Room, frame: SubscribedFrame, open: boolean): Room {
  const { cursor } = room.sync;
  if (frame.type === 'reset' || (cursor !== null && cursor.epoch !== frame.epoch)) return reset(room, frame, open);
  if (cursor === null)
    return withSync(room, {
      cursor: positionOf(frame),
      epoch: frame.epoch,
      stream: 'live',
      begun: true,
      keptFrom: Math.max(room.sync.keptFrom, frame.seq),
    });
  // The stream begins above what is here: a page came between asking without a position and this answer.
  return withSync(room, { stream: frame.seq > cursor.seq ? 'gap' : 'live', begun: true });
}

/** reset forgets what is held of the room, but not what waits to be sent. A room that is not on screen is read when it is opened. */
function reset(room: Room, frame: SubscribedFrame, open: boolean): Room {
  const loaded = open && room.sync.loaded;
  const anew = room.sync.epoch !== frame.epoch; // and no welcome has told how things stand in the new one
  const next: Room = {
    ...room,
    entries: room.entries.slice(tailStart(room.entries)),
    hasOlder: false,
    past: null,
    ...(anew ? { lastN: 0, readVersion: 0, firstUnread: null } : {}),
  };
  return count(
    withSync(next, {
      cursor: positionOf(frame),
      stream: 'live',
      begun: true,
      loaded,
      paged: false,
      refill: false,
      keptFrom: frame.seq,
      changes: [],
      epoch: frame.epoch,
      ...(anew ? { serverReadN: 0, mark: null, told: 0 } : {}),
    }),
  );
}

function entry(room: Room, frame: EntryFrame, around: Around): Room {
  const { cursor, stream, begun } = room.sync;
  if (cursor === null || frame.seq <= cursor.seq) return frame.type === 'ack' ? answered(room, frame, false) : room;
  if (frame.seq > cursor.seq + 1 && !(frame.type === 'skip' && begun && stream === 'live')) {
    if (stream === 'live') return withSync(room, { stream: 'gap' });
    // Without a stream an ack comes by itself, outside of the room's order.
    return frame.type === 'ack' && (stream === 'refused' || stream === 'removed') ? answered(room, frame, false) : room;
  }
  const next = withSync(room, {
    begun: false,
    cursor: { epoch: cursor.epoch, seq: frame.seq, id: 'id' in frame ? frame.id || null : null },
  });
  switch (frame.type) {
    case 'message':
    case 'ack':
      if (frame.thread) return replied(next, frame);
      return frame.type === 'ack' ? answered(next, frame, true) : message(next, frame, around);
    case 'change':
      return change(next, frame, around);
    default:
      return next;
  }
}

/** replied takes in an entry about a reply: it stands in no list, but its root tells how many there are. */
function replied(room: Room, { seq, thread, replies }: { seq: number; thread?: string; replies?: Replies }): Room {
  return changed(room, seq, thread!, (m) => ({ ...m, replies: replies?.count ? replies : null }));
}

/** So many changes of messages are kept for pages that were read before them. */
const CHANGES = 100;

/** changed alters a message where it is shown, and in pages that are still on their way and know less. */
function changed(room: Room, seq: number, id: string, change: (m: MessageEntry) => MessageEntry): Room {
  const changes = [...room.sync.changes, { seq, id, change }];
  const keptFrom = changes.length > CHANGES ? changes.shift()!.seq : room.sync.keptFrom;
  return alter(withSync(room, { changes, keptFrom: Math.max(keptFrom, room.sync.keptFrom) }), id, change);
}

/** alter changes a message wherever it is shown. */
export function alter(room: Room, id: string, change: (m: MessageEntry) => MessageEntry): Room {
  const { entries, past } = room;
  return {
    ...room,
    entries: altered(entries, id, change),
    past: past && { ...past, entries: altered(past.entries, id, change) },
  };
}

/** after is a message after a change of it. Once it is deleted no change is seen any more. */
export function after(m: MessageEntry, { kind, data, user_id }: ChangeFrame, me: string): MessageEntry {
  if (m.deleted) return m;
  if (kind === 'delete' || data.deleted) return tombstone(m);
  if (kind === 'edit')
    return typeof data.content === 'string' ? { ...m, ...written(data as unknown as MessageFrame) } : m;
  if (kind.endsWith('pin')) return { ...m, pinned: data.pinned === true };
  return isReaction(data)
    ? { ...m, reactions: reacted(m.reactions, data, user_id === me ? kind === 'react' : undefined) }
    : m;
}

/** reacted is a list of reactions after what one of them is now. me: whether mine is among them; left out: as before. */
export function reacted(list: MessageEntry['reactions'], now: Omit<Reaction, 'me'>, me?: boolean): readonly Reaction[] {
  const { emoji, count, first, users } = now;
  const rest = list.filter((r) => r.emoji !== emoji);
  if (count === 0) return rest;
  const mine = me ?? list.some((r) => r.emoji === emoji && r.me);
  return [...rest, { emoji, count, first, users, me: mine }].sort((a, b) => a.first - b.first);
}

const written = (f: MessageFrame | Omit<MessageFrame, 'type'>) => ({
  content: f.content,
  html: f.html || null,
  edited: f.edited ? Date.parse(f.edited) : null,
  mentions: f.mentions ?? [],
  mentionsAll: (f.mentions_all || null) as MessageEntry['mentionsAll'],
});

function message(room: Room, frame: MessageFrame, around: Around): Room {
  const mine = frame.user_id === around.me;
  const n = frame.n ?? 0;
  let next = mine ? own(room, n) : room;
  if (!mine && around.open && !around.visible && next.unread === 0 && n > next.lastN)
    next = { ...next, firstUnread: n };
  if (n > next.lastN)
    next = { ...next, lastN: n, mentions: next.mentions + (!mine && names(frame, room, around) ? 1 : 0) };
  if (next.sync.loaded || mine)
    next = {
      ...next,
      entries: withMessage(next.entries, frame, around.me, next.sync.loaded && within(next, frame.seq)),
    };
  return look(count(next), around);
}

/** names tells whether a message of somebody else counts as one that names this person, as the server counts: @room names members alone. */
export const names = ({ mentions, mentions_all, user_id }: MessageFrame, { role }: Room, { me, blocked }: Around) =>
  !blocked?.has(user_id) && (mentions?.includes(me) || (mentions_all === 'room' ? role : mentions_all));

/** own moves the cursor as the server does when it stores a message of this person. */
function own(room: Room, n: number): Room {
  return n > room.sync.serverReadN ? withSync(room, { serverReadN: n, stays: false }) : room;
}

/** withMessage puts a stored message into the list. If it is one that waits here, it takes that one's place. */
function withMessage(list: List, frame: Omit<MessageFrame, 'type'>, me: string, keep: boolean): List {
  const [rest, key = frame.id] = claimed(list, frame.user_id === me ? frame.client_id : '');
  return keep ? settle(rest, stored(frame, key)) : rest;
}

/** claimed is a list without the message that waits under a client_id, and that one's key. */
function claimed(list: List, clientId: string): [List, string?] {
  const at = clientId ? findUnsettled(list, clientId) : -1;
  return at < 0 ? [list] : [splice(list, at, 1), list[at]!.key];
}

export function stored(frame: Omit<MessageFrame, 'type'>, key: string): MessageEntry & { seq: number } {
  const m: MessageEntry & { seq: number } = {
    ...blank,
    ...written(frame),
    key,
    id: frame.id,
    seq: frame.seq,
    n: frame.n ?? null,
    user: frame.user,
    userId: frame.user_id,
    time: Date.parse(frame.timestamp),
    clientId: frame.client_id,
    state: 'sent',
    thread: frame.thread || null,
    quote: frame.quote || null,
    reactions: frame.reactions ?? [],
    pinned: frame.pinned === true,
    saved: frame.saved === true,
    replies: frame.replies ?? null,
  };
  return frame.deleted ? (tombstone(m) as typeof m) : m;
}

/** answered settles the send that an ack is for. isNew: the ack is the next entry of the room as well. */
export function answered(room: Room, ack: AckFrame, isNew: boolean): Room {
  const n = ack.n ?? 0;
  let next = own(room, n);
  if (n > next.lastN) next = { ...next, lastN: n };
  const at = findUnsettled(next.entries, ack.client_id);
  if (at < 0) {
    // Taken off the list before it was answered. It is in the room all the same: the newest page has it.
    return count(isNew && next.sync.paged ? withSync(next, { refill: true }) : next);
  }
  const waiting = next.entries[at] as MessageEntry;
  const rest = splice(next.entries, at, 1);
  const { key, user, content, quote } = waiting;
  const sent = stored({ content, ...ack, user, user_id: waiting.userId, ...(quote && { quote }) }, key);
  return count({ ...next, entries: next.sync.loaded && within(next, ack.seq) ? settle(rest, sent) : rest });
}

/** within tells whether an entry with this number belongs into the list, or lies before what has been loaded: then a page will have it. */
function within(room: Room, seq: number): boolean {
  if (!room.sync.paged) return seq > room.sync.keptFrom;
  if (!room.hasOlder) return true;
  const first = room.entries.find((e) => e.seq !== null);
  return first === undefined || seq > first.seq!;
}

function change(room: Room, frame: ChangeFrame, around: Around): Room {
  const { kind, seq, id, message, data, timestamp } = frame;
  if (data.thread) return replied(room, { seq, ...data });
  if (message) return altering.test(kind) ? changed(room, seq, message, (m) => after(m, frame, around.me)) : room;
  const noted = changedBy(room, frame, around.me);
  if (noted === null) return room;
  const [next, notice, users, text, by] = noted;
  if (!next.sync.loaded || !within(next, seq)) return next;
  const line = newNotice(notice, users, text, Date.parse(timestamp), seq, id || `${seq}`, by);
  return { ...next, entries: settle(next.entries, { ...line, seq }) };
}

const altering = /^(edit|delete|(un)?(react|pin))$/;

/** paged takes in the newest page. One that does not fit to the stream changes nothing: it has to be read again. */
export function paged(room: Room, page: Page, around: Around): Room {
  const { cursor, keptFrom } = room.sync;
  const next: Room = { ...room, loading: 'none', loadError: null };
  if (cursor !== null && (cursor.epoch !== page.epoch || page.as_of < keptFrom)) return next;
  const last = page.messages.at(-1);
  const sync: Partial<Sync> = {
    loaded: true,
    paged: true,
    refill: false,
    ...(cursor === null
      ? {
          cursor: { epoch: page.epoch, seq: page.as_of, id: last?.seq === page.as_of ? last.id : null },
          keptFrom: page.as_of,
          epoch: room.sync.epoch || page.epoch,
        }
      : {}),
  };
  const mine = [...page.messages].reverse().find((m) => m.user_id === around.me);
  const done: Room = {
    ...withSync(mine && mine.n! > room.lastN ? own(next, mine.n!) : next, sync),
    entries: united(room.entries, entriesOf(page, room), around.me),
    hasOlder: room.sync.paged ? room.hasOlder : page.has_more,
    lastN: Math.max(room.lastN, last?.n ?? 0),
  };
  return look(count(met(done, around.me)), around);
}

/** pagedOlder puts a page before the list that begins where it began when the page was asked for, if one still does. */
export function pagedOlder(room: Room, page: Page, before: number, around: Around): Room {
  const next: Room = { ...room, loading: 'none', loadError: null };
  const { past, entries, sync } = room;
  if (page.as_of < sync.keptFrom) return next;
  if (past?.epoch === page.epoch && oldestSeq(past.entries) === before)
    return {
      ...next,
      past: { ...past, entries: [...entriesOf(page, room), ...past.entries], hasOlder: page.has_more },
    };
  if (sync.cursor?.epoch !== page.epoch || oldestSeq(entries) !== before) return next;
  const longer = { ...next, entries: united(entries, entriesOf(page, room), around.me), hasOlder: page.has_more };
  return met(longer, around.me); // it may reach down to where the past has come up to
}

/** met makes the past and the end one list once no message is between them. */
export function met(room: Room, me: string): Room {
  const { past, sync, entries } = room;
  if (past === null || !sync.paged) return room;
  if (sync.cursor?.epoch !== past.epoch) return { ...room, past: null };
  const [from, end, last] = [oldestSeq(past.entries), oldestSeq(entries), past.entries.at(-1)?.seq ?? 0];
  if (from === null || end === null || last! < end) return room;
  return {
    ...room,
    past: null,
    entries: united(entries, past.entries, me),
    hasOlder: from <= end ? past.hasOlder : room.hasOlder,
  };
}

/** entriesOf is what a page tells, after the changes that were heard since it was read. */
export const entriesOf = (page: Page, { sync }: Room): MessageEntry[] =>
  page.messages.map((m) =>
    sync.changes.reduce<MessageEntry>(
      (e, c) => (c.id === e.id && c.seq > page.as_of ? c.change(e) : e),
      stored(m, m.id),
    ),
  );

function united(list: List, messages: readonly MessageEntry[], me: string): List {
  let rest = list;
  const fresh = messages.map((m) => {
    const [left, key = m.key] = claimed(rest, m.userId === me ? m.clientId : '');
    rest = left;
    return { ...m, key };
  });
  return merge(rest, fresh);
}
