/** Every REST route of the server. What comes back is the answer's JSON as it is, with its own field names. */
import { isMessage, type MessageFrame } from './protocol.ts';
import type { ListedRoom } from './reduce.ts';
import type { Page } from './reduce-room.ts';
import { ApiError, type Requester, type RequestOptions, request } from './request.ts';
import type { Role, UserKind } from './types.ts';

export interface RestPerson {
  id: string;
  name: string;
  display: string;
  kind: UserKind;
  role?: Role;
  disabled?: boolean;
  email?: string;
  /** Path of a picture on the site that the server is part of. */
  avatar?: string;
}
export interface RestMember extends RestPerson {
  joined: string;
}
export interface RestMe extends RestPerson {
  role: Role;
  expires_at?: string;
}
export interface RestRoom extends ListedRoom {
  member: boolean;
}
export interface RestWorkspace {
  name: string;
  hue: number;
  set_up: boolean;
  registration: 'invite' | 'open' | 'closed';
  guests: boolean;
  /** host: the people are those of the site that the server is part of, and sign in there alone. */
  accounts?: 'own' | 'host';
  sign_in_url?: string;
}
export interface SignedIn {
  access_token: string;
  token_type: string;
  expires_in: number;
  user: RestPerson;
}
export interface Registration {
  name: string;
  password: string;
  email?: string;
  display?: string;
  invite?: string;
  setup?: string;
}
export interface RestSession {
  id: string;
  created_at: string;
  last_seen_at: string;
  user_agent: string;
  current: boolean;
}
export interface Invitation {
  invited_by: string;
  expires_at?: string;
  uses_left?: number;
}
export interface Invite {
  id: string;
  created_by: string;
  created_at: string;
  expires_at?: string;
  max_uses?: number;
  uses: number;
}
export interface NewInvite extends Invite {
  code: string;
  url: string;
}
export interface AuditEntry {
  id: number;
  at: string;
  actor: { id: string; name: string };
  action: string;
  subject: string;
  subject_name: string;
  data: Record<string, unknown>;
}
export interface People<T> {
  people: T[];
  next: string | null;
}

/** Where a piece of history lies: a page from the newest (1), next to a sequence number, or on both sides of a message. */
export interface HistoryQuery {
  page?: number;
  before?: number;
  after?: number;
  around?: string;
  limit?: number;
}

/** What answers tell that the state should know as well. */
export interface Learned {
  me: (me: RestMe) => void;
  room: (room: RestRoom) => void;
  workspace: (workspace: RestWorkspace) => void;
  person: (person: RestPerson) => void;
}

export class Api {
  readonly #r: Requester;
  readonly #learned: Learned;

  constructor(requester: Requester, learned: Learned) {
    this.#r = requester;
    this.#learned = learned;
  }

  workspace = () =>
    told(this.#ask<RestWorkspace>('GET', 'api/workspace', { anonymous: true }), this.#learned.workspace);
  setWorkspace = (body: { name: string; hue: number }) =>
    told(this.#ask<RestWorkspace>('PUT', 'api/workspace', { body }), this.#learned.workspace);

  /** Whether a set-up link's code is good, and until when. */
  setup = (code: string) => this.#enter<{ expires_at: string }>('setup', { code });
  invitation = (code: string) => this.#enter<Invitation>('invitation', { code });
  register = (body: Registration) => this.#enter<SignedIn>('register', body);
  login = (body: { name: string; password: string } | { email: string; password: string }) =>
    this.#enter<SignedIn>('login', body);
  guest = (body: { name: string; email?: string }) => this.#enter<SignedIn>('guest', body);
  /** Renews the session of the cookie, or of the token, which may have ended up to 30 days ago. */
  refresh = (token?: string) => this.#enter<SignedIn>('refresh', undefined, token);
  logout = () => this.#ask<void>('POST', 'api/auth/logout');

  me = () => told(this.#ask<RestMe>('GET', 'api/me'), this.#learned.me);
  updateMe = (body: { display?: string; email?: string }) =>
    told(this.#ask<RestMe>('PUT', 'api/me', { body }), this.#learned.me);
  /** Ends all sessions and begins a new one. */
  changePassword = (current: string, next: string) =>
    this.#ask<SignedIn>('PUT', 'api/me/password', { body: { current, new: next } });
  sessions = async () => (await this.#ask<{ sessions: RestSession[] }>('GET', 'api/me/sessions')).sessions;
  endOtherSessions = async () => (await this.#ask<{ ended: number }>('DELETE', 'api/me/sessions')).ended;
  endSession = (id: string) => this.#ask<void>('DELETE', `api/me/sessions/${encodeURIComponent(id)}`);

  users = async (after?: string): Promise<People<RestPerson>> => {
    const a = await this.#ask<{ users: RestPerson[]; next?: string }>('GET', 'api/users', { query: { after } });
    return { people: a.users, next: a.next ?? null };
  };
  setRole = (user: string, role: Role) => this.#person(user, 'role', { role });
  setDisabled = (user: string, disabled: boolean) => this.#person(user, 'disabled', { disabled });

  /** expires_in in seconds. */
  createInvite = (body: { expires_in?: number; max_uses?: number } = {}) =>
    this.#ask<NewInvite>('POST', 'api/invites', { body });
  invites = async () => (await this.#ask<{ invites: Invite[] }>('GET', 'api/invites')).invites;
  revokeInvite = (id: string) => this.#ask<void>('DELETE', `api/invites/${encodeURIComponent(id)}`);

  audit = (query: { before?: number; limit?: number } = {}) =>
    this.#ask<{ entries: AuditEntry[]; next?: number }>('GET', 'api/audit', { query });

  rooms = async (): Promise<RestRoom[]> => {
    const { rooms } = await this.#ask<{ rooms: RestRoom[] }>('GET', 'api/rooms');
    if (!Array.isArray(rooms) || !rooms.every(isRoom)) throw strange();
    return rooms;
  };
  room = (name: string): Promise<RestRoom> => this.#room('GET', `/${encodeURIComponent(name)}`);
  createRoom = (body: { name: string; topic?: string }): Promise<RestRoom> => this.#room('POST', '', body);
  setArchived = (name: string, archived: boolean): Promise<RestRoom> =>
    this.#room('PUT', `/${encodeURIComponent(name)}/archived`, { archived });
  members = async (name: string, after?: string): Promise<People<RestMember>> => {
    const a = await this.#ask<{ members: RestMember[]; next?: string }>(
      'GET',
      `api/rooms/${encodeURIComponent(name)}/members`,
      { query: { after } },
    );
    return { people: a.members, next: a.next ?? null };
  };
  markRead = (name: string, n: number, version?: number) =>
    this.#ask<{ n: number; version: number }>('POST', `api/rooms/${encodeURIComponent(name)}/read`, {
      body: { n, version },
    });

  messages = async (room: string, query: HistoryQuery = {}): Promise<Page> => {
    const page = await this.#ask<Page>('GET', 'api/messages', { query: { room, ...query } });
    if (
      !Array.isArray(page?.messages) ||
      !page.messages.every(isMessage) ||
      typeof page.epoch !== 'string' ||
      typeof page.as_of !== 'number'
    )
      throw strange();
    return page;
  };
  /** Says something without a socket. The key is a UUID; a repetition with the same never says it twice. */
  postMessage = (room: string, content: string, key?: string) =>
    this.#ask<Omit<MessageFrame, 'type'>>('POST', 'api/messages', {
      body: { room, content },
      headers: key ? { 'Idempotency-Key': key } : {},
    });

  async #room(method: string, path: string, body?: unknown): Promise<RestRoom> {
    const room = await this.#ask<RestRoom>(method, `api/rooms${path}`, { body });
    if (!isRoom(room)) throw strange();
    this.#learned.room(room);
    return room;
  }

  #person(id: string, field: string, body: unknown): Promise<RestPerson> {
    return told(
      this.#ask<RestPerson>('PUT', `api/users/${encodeURIComponent(id)}/${field}`, { body }),
      this.#learned.person,
    );
  }

  #enter<T>(path: string, body: unknown, token?: string): Promise<T> {
    return this.#ask<T>('POST', `api/auth/${path}`, {
      body,
      anonymous: true,
      ...(token === undefined ? {} : { token }),
    });
  }

  async #ask<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return (await request(this.#r, method, path, options)) as T;
  }
}

function isRoom(r: unknown): r is RestRoom {
  const room = r as RestRoom | null;
  return (
    typeof room === 'object' &&
    room !== null &&
    typeof room.name === 'string' &&
    room.name !== '__proto__' &&
    typeof room.id === 'string' &&
    typeof room.n === 'number' &&
    typeof room.unread === 'number' &&
    typeof room.read_n === 'number'
  );
}

async function told<T>(answer: Promise<T>, tell: (value: T) => void): Promise<T> {
  const value = await answer;
  if (typeof value !== 'object' || value === null) throw strange();
  tell(value);
  return value;
}

const strange = () => new ApiError('The answer is not from a Parley server.', 'internal', 200);
