/**
 * The frames of parley.v1, as docs/protocol.md has them, and the reader of what a server sends. The reader believes
 * nothing: a frame that lacks what its type needs is no frame.
 */

export const PROTOCOL = 'parley.v1';

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

export interface Limits {
  readonly content: number;
  readonly frame: number;
  readonly rooms: number;
  readonly subscribe: number;
  readonly sends_open: number;
}

export interface WelcomeRoom {
  room: string;
  room_id: string;
  epoch: string;
  seq: number;
  n: number;
  read_n: number;
  read_version: number;
  unread: number;
}

export interface WelcomeFrame {
  type: 'welcome';
  protocol: string;
  user: string;
  user_id: string;
  kind: 'member' | 'guest' | 'bot';
  expires_at?: string;
  token?: string;
  limits: Limits;
  rooms: WelcomeRoom[];
}

export interface SubscribedFrame {
  type: 'subscribed' | 'reset';
  room: string;
  room_id: string;
  epoch: string;
  seq: number;
  id?: string;
  min_seq: number;
}

export interface MessageFrame {
  type: 'message';
  room: string;
  id: string;
  seq: number;
  n: number;
  user: string;
  user_id: string;
  content: string;
  timestamp: string;
  client_id: string;
  deleted?: boolean;
}

export interface AckFrame {
  type: 'ack';
  room: string;
  client_id: string;
  id: string;
  seq: number;
  n: number;
  timestamp: string;
}

export interface ChangeFrame {
  type: 'change';
  room: string;
  seq: number;
  id: string;
  kind: string;
  message?: string;
  user: string;
  user_id: string;
  data: Readonly<Record<string, unknown>>;
  timestamp: string;
}

/** skip stands for all entries up to seq. entry is how parseFrame hands on an entry of a type that it does not know. */
export interface SkipFrame {
  type: 'skip' | 'entry';
  room: string;
  seq: number;
  id?: string;
}

export interface PresenceFrame {
  type: 'typing' | 'stop_typing' | 'join' | 'leave';
  room: string;
  user: string;
  user_id: string;
}

export interface OnlineUsersFrame {
  type: 'online_users';
  room: string;
  users: string[];
  count: number;
}
export interface PresenceDeltaFrame {
  type: 'presence_delta';
  room: string;
  joined: string[];
  left: string[];
  count: number;
}
export interface ReadFrame {
  type: 'read';
  room: string;
  n: number;
  version: number;
}
export interface AuthFrame {
  type: 'auth';
  expires_at?: string;
}
export interface RoomAddedFrame {
  type: 'room_added';
  room: string;
  room_id: string;
  topic: string;
}
export interface GoodbyeFrame {
  type: 'goodbye';
  reconnect_after: number;
}

export interface ErrorFrame {
  type: 'error';
  code: Code;
  message: string;
  ref?: string;
  room?: string;
  retry_after?: number;
}

export type ServerFrame =
  | WelcomeFrame
  | SubscribedFrame
  | MessageFrame
  | AckFrame
  | ChangeFrame
  | SkipFrame
  | PresenceFrame
  | OnlineUsersFrame
  | PresenceDeltaFrame
  | ReadFrame
  | AuthFrame
  | RoomAddedFrame
  | GoodbyeFrame
  | ErrorFrame;

/** The frames that have a place in a room's sequence. */
export type EntryFrame = MessageFrame | AckFrame | ChangeFrame | SkipFrame;

export interface RoomPosition {
  room: string;
  epoch?: string;
  seq?: number;
  id?: string;
}

export type ClientFrame =
  | { type: 'message'; room: string; content: string; client_id: string }
  | { type: 'subscribe'; rooms: RoomPosition[] }
  | { type: 'unsubscribe'; rooms: RoomPosition[] }
  | { type: 'typing' | 'stop_typing'; room: string }
  | { type: 'read'; room: string; n: number; version?: number }
  | { type: 'auth'; token: string }
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

type Shape = Readonly<Record<string, Check>>;

const position = { room: name, room_id: str, epoch: str, seq: num, id: maybe(str), min_seq: num };
const person = { room: name, user: str, user_id: name };
const limits: Shape = { content: num, frame: num, rooms: num, subscribe: num, sends_open: num };
const welcomeRoom: Shape = {
  room: name,
  room_id: str,
  epoch: str,
  seq: num,
  n: num,
  read_n: num,
  read_version: num,
  unread: num,
};

const shapes: Readonly<Record<string, Shape>> = {
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
    ...person,
    id: name,
    seq: num,
    n: num,
    content: maybe(str),
    timestamp: time,
    client_id: maybe(str),
    deleted: maybe((v) => typeof v === 'boolean'),
  },
  ack: { room: name, client_id: name, id: name, seq: num, n: num, timestamp: time },
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
  typing: person,
  stop_typing: person,
  join: person,
  leave: person,
  online_users: { room: name, users: names, count: num },
  presence_delta: { room: name, joined: names, left: names, count: num },
  read: { room: name, n: num, version: num },
  auth: { expires_at: maybe(time) },
  room_added: { room: name, room_id: str, topic: str },
  goodbye: { reconnect_after: num },
  error: { code: str, message: str, ref: maybe(str), room: maybe(str), retry_after: maybe(num) },
};

function fits(value: unknown, shape: Shape): boolean {
  if (!object(value)) return false;
  const fields = value as Record<string, unknown>;
  return Object.entries(shape).every(([key, check]) => check(fields[key]));
}

/**
 * parseFrame reads one frame. 'malformed' is what no server of this protocol sends; 'unknown' is what a later one may
 * send and this client has no use for.
 */
export function parseFrame(data: unknown): ServerFrame | 'malformed' | 'unknown' {
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
    if (!name(frame.room) || !num(frame.seq)) return 'unknown';
    return {
      type: 'entry',
      room: frame.room as string,
      seq: frame.seq as number,
      ...(name(frame.id) ? { id: frame.id as string } : {}),
    };
  }
  if (!fits(frame, shapes[frame.type]!)) return 'malformed';
  if (frame.type === 'message')
    return { ...frame, content: frame.content ?? '', client_id: frame.client_id ?? '' } as unknown as MessageFrame;
  if (frame.type === 'change') return { ...frame, data: frame.data ?? {} } as unknown as ChangeFrame;
  return frame as unknown as ServerFrame;
}

/** parseMessage checks a message of a REST answer, which has the fields of the frame but its type. */
export function isMessage(value: unknown): value is Omit<MessageFrame, 'type'> {
  return fits(value, shapes.message!);
}
