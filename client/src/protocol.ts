/**
 * The frames of parley.v1 and the reader of what a server sends. Their fields come from wire.ts, which is generated;
 * this file says what the reader makes of them. It believes nothing: a frame that lacks what its type needs is no frame.
 */
import type { Told } from './settings.ts';
import type { By, Reaction } from './types.ts';
import type * as wire from './wire.ts';

export { PROTOCOL } from './wire.ts';

/** Close codes that mean something to a client. */
export const CLOSE = { away: 1001, expired: 4001, revoked: 4002, slow: 4004, idle: 4005 } as const;

export type Code =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'rate_limited'
  | 'overloaded'
  | 'unknown_outcome'
  | 'internal';

export type Limits = Readonly<wire.Limits>;
/** What is told of a room besides its messages, as settings.ts reads it. */
type Room<F> = Omit<F, keyof Told> & Told;
export type WelcomeRoom = Room<wire.WelcomeRoom>;
export type RoomPosition = wire.RoomPosition;
export type WelcomeFrame = Omit<wire.Welcome, 'rooms'> & { kind: 'member' | 'guest' | 'bot'; rooms: WelcomeRoom[] };
export type SubscribedFrame = wire.Subscribed | wire.Reset;
/** As parseFrame hands it on: what may be left out is ''. What follows its own fields stands in pages alone. */
export type MessageFrame = wire.Message & {
  client_id: string;
  reactions?: readonly Reaction[];
  pinned?: boolean;
  saved?: boolean;
};
export type AckFrame = wire.Ack;
/** As parseFrame hands it on: data that is left out is empty. */
export type ChangeFrame = wire.Change & { data: Readonly<Record<string, unknown>> };
/** skip stands for all entries up to seq. entry is how parseFrame hands on an entry of a type that it does not know. */
export type SkipFrame = wire.Skip | { type: 'entry'; room: string; seq: number; id?: string };
export type RoomAddedFrame = Room<wire.RoomAdded>;
interface RoomRemovedFrame {
  type: 'room_removed';
  room: string;
  room_id: string;
}
interface RoomRenamedFrame {
  type: 'room_renamed';
  room: string;
  room_id: string;
  was: string;
}
export type ErrorFrame = wire.ErrorFrame & { code: Code };
/** A frame that the core has no use for, unchecked: whoever listens to link.onFrame may have one. */
export interface OtherFrame {
  type: 'other';
  frame: Readonly<Record<string, unknown>> & { readonly type: string };
}
/** Types of frames that the core does not read: they come as OtherFrame. */
type Elsewhere =
  | 'typing'
  | 'stop_typing'
  | 'join'
  | 'leave'
  | 'online_users'
  | 'presence_delta'
  | 'room_prefs'
  | 'user_changed'
  | 'user_presence'
  | 'preferences'
  | 'announcement'
  | 'announcement_ended'
  | 'thread_read'
  | 'thread_follow'
  | 'saved';
type CoreFrame = Exclude<wire.Frame, { type: Elsewhere }> | RoomRemovedFrame | RoomRenamedFrame;

/** What parseFrame makes of a frame of the server. */
type Read<F extends CoreFrame> = F extends wire.Welcome
  ? WelcomeFrame
  : F extends wire.Message
    ? MessageFrame
    : F extends wire.Ack
      ? AckFrame
      : F extends wire.Change
        ? ChangeFrame
        : F extends wire.RoomAdded
          ? RoomAddedFrame
          : F extends wire.ErrorFrame
            ? ErrorFrame
            : F;

export type ServerFrame = Read<CoreFrame> | SkipFrame | OtherFrame;

/** The frames that have a place in a room's sequence. */
export type EntryFrame = MessageFrame | AckFrame | ChangeFrame | SkipFrame;

/** What this client says. On the socket of all rooms each frame names its own; ping is what no server knows, see heartbeat.ts. */
export type ClientFrame =
  | (wire.SendMessage & { room: string; client_id: string })
  | (wire.ChangeMessage & { room: string })
  | wire.Subscribe
  | wire.Unsubscribe
  | (wire.StartTyping & { room: string })
  | (wire.EndTyping & { room: string })
  | (wire.MarkRead & { room: string })
  | wire.Authenticate
  | wire.SetActivity
  | { type: 'ping' };

type Check = (value: unknown) => boolean;

const str: Check = (v) => typeof v === 'string';
const name: Check = (v) => typeof v === 'string' && v !== '' && v !== '__proto__';
const num: Check = (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
const time: Check = (v) => typeof v === 'string' && !Number.isNaN(Date.parse(v));
const names: Check = (v) => Array.isArray(v) && v.every(str);
const object: Check = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
const maybe =
  (check: Check): Check =>
  (v) =>
    v === undefined || v === null || check(v);
const oneOf =
  (...all: string[]): Check =>
  (v) =>
    typeof v === 'string' && all.includes(v);
const listOf =
  (shape: Shape): Check =>
  (v) =>
    Array.isArray(v) && v.every((x) => fits(x, shape));

/** A check for each field of a frame: one that is added to wire.ts needs its own here, or this does not compile. */
export type Shape<F = Record<string, unknown>> = { readonly [K in Exclude<keyof F, 'type'>]-?: Check };

const position = { room: name, room_id: str, epoch: str, seq: num, id: maybe(str), min_seq: num };
const limits: Shape<wire.Limits> = { content: num, frame: num, rooms: num, subscribe: num, sends_open: num };
const flag: Check = maybe((v) => typeof v === 'boolean');
const by: Shape<By> = { id: str, name: str };
const told: Shape<Told> = {
  kind: maybe(oneOf('public', 'private', 'direct')),
  role: maybe(str),
  read_only: flag,
  history: maybe(str),
  slow_mode: maybe(num),
  people: maybe(listOf(by)),
  notify: maybe(str),
  muted: flag,
};
const welcomeRoom: Shape<WelcomeRoom> = {
  ...told,
  room: name,
  room_id: str,
  epoch: str,
  seq: num,
  n: num,
  read_n: num,
  read_version: num,
  unread: num,
  mentions: maybe(num),
};

const reaction = { emoji: name, count: num, first: num, users: listOf(by) };
/** isReaction checks what a change says of an emoji on a message. */
export const isReaction = (value: unknown): value is Omit<Reaction, 'me'> => fits(value, reaction);
const replies: Shape<wire.Replies> = { count: num, last_seq: num, last: time, users: listOf(by) };
const changed = {
  edited: maybe(time),
  deleted: flag,
  thread: maybe(str),
  mentions: maybe(names),
  mentions_all: maybe(str),
  replies: maybe((v) => fits(v, replies)),
};

const shapes: { readonly [F in Read<CoreFrame> as F['type']]: Shape<F> } = {
  welcome: {
    protocol: str,
    user: str,
    user_id: name,
    kind: oneOf('member', 'guest', 'bot'),
    expires_at: maybe(time),
    token: maybe(str),
    limits: (v) => fits(v, limits),
    rooms: listOf(welcomeRoom),
  },
  subscribed: position,
  reset: position,
  message: {
    ...changed,
    room: name,
    user: str,
    user_id: name,
    id: name,
    seq: num,
    n: maybe(num),
    content: maybe(str),
    html: maybe(str),
    timestamp: time,
    client_id: maybe(str),
    quote: maybe(str),
    reactions: maybe(listOf(reaction)),
    pinned: flag,
    saved: flag,
  },
  ack: {
    ...changed,
    room: name,
    client_id: name,
    id: name,
    seq: num,
    n: maybe(num),
    content: maybe(str),
    html: maybe(str),
    timestamp: time,
  },
  change: {
    room: name,
    seq: num,
    id: str,
    kind: str,
    message: maybe(str),
    user: str,
    user_id: str,
    data: maybe(object),
    timestamp: time,
  },
  skip: { room: name, seq: num },
  read: { room: name, n: num, version: num, mentions: maybe(num) },
  auth: { expires_at: maybe(time) },
  room_added: { room: name, room_id: str, topic: str, ...told },
  room_removed: { room: name, room_id: str },
  room_renamed: { room: name, room_id: str, was: str },
  goodbye: { reconnect_after: num },
  error: { code: str, message: str, ref: maybe(str), room: maybe(str), retry_after: maybe(num) },
};

export function fits(value: unknown, shape: Shape): boolean {
  if (!object(value)) return false;
  const fields = value as Record<string, unknown>;
  return Object.entries(shape).every(([key, check]) => check(fields[key]));
}

/**
 * parseFrame reads one frame. 'malformed' is what no server of this protocol sends. One of a type that it does not know is an entry
 * if it says where in a room's sequence it stands.
 */
export function parseFrame(data: unknown): ServerFrame | 'malformed' {
  if (typeof data !== 'string') return 'malformed';
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return 'malformed';
  }
  if (!object(value)) return 'malformed';
  const frame = value as Record<string, unknown>;
  if (typeof frame.type !== 'string') return 'malformed';
  if (!Object.hasOwn(shapes, frame.type)) {
    if (!name(frame.room) || !num(frame.seq)) return { type: 'other', frame: frame as OtherFrame['frame'] };
    return {
      type: 'entry',
      room: frame.room as string,
      seq: frame.seq as number,
      ...(name(frame.id) ? { id: frame.id as string } : {}),
    };
  }
  if (!fits(frame, shapes[frame.type as keyof typeof shapes])) return 'malformed';
  if (frame.type === 'message')
    return { ...frame, content: frame.content ?? '', client_id: frame.client_id ?? '' } as unknown as MessageFrame;
  if (frame.type === 'change') return { ...frame, data: frame.data ?? {} } as unknown as ChangeFrame;
  return frame as unknown as ServerFrame;
}

/** isMessage checks a message of a REST answer, which has the fields of the frame but its type. */
export function isMessage(value: unknown): value is Omit<MessageFrame, 'type'> {
  return fits(value, shapes.message);
}
