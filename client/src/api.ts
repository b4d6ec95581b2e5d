/** The REST routes that a chat needs from the beginning; rest.ts has the others. What comes back is the answer's JSON as it is, with its own field names. */
import { isMessage } from './protocol.ts';
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
  /** Path of their picture, relative to the base. */
  avatar?: string;
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
  /** Id of a message: the replies to it in place of the room. */
  thread?: string;
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

  /** Asks any route, such as "api/rooms", as whoever the client is. Rejects with an ApiError. */
  ask = async <T>(method: string, path: string, options: RequestOptions = {}): Promise<T> =>
    (await request(this.#r, method, path, options)) as T;

  workspace = () => told(this.ask<RestWorkspace>('GET', 'api/workspace', { anonymous: true }), this.#learned.workspace);
  me = () => told(this.ask<RestMe>('GET', 'api/me'), this.#learned.me);
  /** Renews the session of the cookie, or of the token, which may have ended up to 30 days ago. */
  refresh = (token?: string) =>
    this.ask<SignedIn>('POST', 'api/auth/refresh', { anonymous: true, ...(token === undefined ? {} : { token }) });
  logout = () => this.ask<void>('POST', 'api/auth/logout');

  rooms = async (): Promise<RestRoom[]> => {
    const { rooms } = await this.ask<{ rooms: RestRoom[] }>('GET', 'api/rooms');
    if (!Array.isArray(rooms) || !rooms.every(isRoom)) throw strange();
    return rooms;
  };
  room = (name: string): Promise<RestRoom> => toldRoom(this.ask('GET', routeOf(name)), this.#learned);

  messages = async (room: string, query: HistoryQuery = {}): Promise<Page> => {
    const page = await this.ask<Page>('GET', 'api/messages', { query: { room, ...query } });
    if (
      !Array.isArray(page?.messages) ||
      !page.messages.every(isMessage) ||
      typeof page.epoch !== 'string' ||
      typeof page.as_of !== 'number'
    )
      throw strange();
    return page;
  };
}

/** routeOf is the route of a room, or of what it has. */
export const routeOf = (room: string, of = '') => `api/rooms/${encodeURIComponent(room)}${of}`;

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

/** told hands an answer on, and tells the state of it. */
export async function told<T>(answer: Promise<T>, tell: (value: T) => void): Promise<T> {
  const value = await answer;
  if (typeof value !== 'object' || value === null) throw strange();
  tell(value);
  return value;
}

export const toldRoom = (answer: Promise<RestRoom>, learned: Learned) =>
  told(answer, (room) => {
    if (!isRoom(room)) throw strange();
    learned.room(room);
  });

const strange = () => new ApiError('The answer is not from a Parley server.', 'internal', 200);
