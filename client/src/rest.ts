/** Every other REST route of the server: signing in, accounts, sessions, invitations, rooms, the audit log. */
import {
  type People,
  type RestMe,
  type RestPerson,
  type RestRoom,
  type RestWorkspace,
  routeOf,
  type SignedIn,
  told,
  toldRoom,
} from './api.ts';
import { usersOf } from './directory.ts';
import type { MessageFrame } from './protocol.ts';
import { inRoom } from './reduce.ts';
import { alter, reacted, stored } from './reduce-room.ts';
import type { By, Client, MessageEntry, Role } from './types.ts';

export interface RestMember extends RestPerson {
  joined: string;
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
export interface Report {
  id: string;
  room: string;
  /** Id of the message. */
  message: string;
  author: { id: string; name: string };
  /** Of the message, as it reads now; left out once it is deleted. */
  content?: string;
  deleted?: boolean;
  reporter: { id: string; name: string };
  reason: string;
  at: string;
  /** Left out while it is open. */
  resolved?: string;
  resolved_by?: { id: string; name: string };
  note?: string;
}
export interface RestAnnouncement {
  id: string;
  content: string;
  html?: string;
  user: string;
  user_id: string;
  timestamp: string;
  until?: string;
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

export interface NewRoom extends Pick<RoomSettings, 'topic' | 'history'> {
  name: string;
  kind?: 'public' | 'private';
  /** Ids of people who are in it from the beginning. */
  members?: readonly string[];
}
/** What can be changed of a room. */
export interface RoomSettings {
  name?: string;
  topic?: string;
  read_only?: boolean;
  history?: 'all' | 'joined';
  /** Seconds; 0: none. */
  slow_mode?: number;
}
export interface BrowsedRoom extends RestRoom {
  left?: boolean;
}

const memberOf = (room: string, user: string) => routeOf(room, `/members/${encodeURIComponent(user)}`);

/** A message as a page of REST has it, with what is the reader's own. */
export interface RestMessage extends Omit<MessageFrame, 'type'> {
  following?: boolean;
}
/** A thread that this person follows. */
export interface RestThread {
  room: string;
  root: RestMessage;
  read_seq: number;
  unread: number;
  mentions?: number;
  following: boolean;
}

/** Where the next page of a list begins. */
export type Next = string | number;

/** What a message said before it was edited. */
export interface Edit {
  content: string;
  at: string;
}

/** What rest returns: a method for each route, those of the client's api among them. */
export type Rest = ReturnType<typeof routes>;

const made = new WeakMap<Client, Rest>();

/**
 * rest returns a method for each route of the server, asked as whoever the client is: the same object for the same
 * client. What an answer tells of rooms, people and the workspace is taken into the client's state.
 */
export function rest(client: Client): Rest {
  let all = made.get(client);
  if (!all) {
    all = routes(client);
    made.set(client, all);
  }
  return all;
}

function routes(client: Client) {
  return {
    ...client.api,
    ...entering(client),
    ...account(client),
    ...moderation(client),
    ...rooms(client),
    ...reporting(client),
    ...messages(client),
    ...views(client),
  };
}

function entering({ api }: Client) {
  const enter = <T>(path: string, body: unknown) => api.ask<T>('POST', `api/auth/${path}`, { body, anonymous: true });
  return {
    /** Whether a set-up link's code is good, and until when. */
    setup: (code: string) => enter<{ expires_at: string }>('setup', { code }),
    invitation: (code: string) => enter<Invitation>('invitation', { code }),
    register: (body: Registration) => enter<SignedIn>('register', body),
    login: (body: { name: string; password: string } | { email: string; password: string }) =>
      enter<SignedIn>('login', body),
    guest: (body: { name: string; email?: string }) => enter<SignedIn>('guest', body),
  };
}

function account({ api, link }: Client) {
  return {
    users: (after?: string) => usersOf(api, after),
    updateMe: (body: { display?: string; email?: string }) =>
      told(api.ask<RestMe>('PUT', 'api/me', { body }), link.learned.me),
    /** The file of a picture: PNG, JPEG, GIF or WebP. The square in its middle is kept. */
    setAvatar: (picture: Blob) => told(api.ask<RestMe>('PUT', 'api/me/avatar', { body: picture }), link.learned.me),
    removeAvatar: () => told(api.ask<RestMe>('DELETE', 'api/me/avatar'), link.learned.me),
    /** Ends all sessions and begins a new one, which the client goes on with. */
    changePassword: (current: string, next: string) =>
      link.replace(() => api.ask<SignedIn>('PUT', 'api/me/password', { body: { current, new: next } })),
    sessions: async () => (await api.ask<{ sessions: RestSession[] }>('GET', 'api/me/sessions')).sessions,
    endOtherSessions: async () => (await api.ask<{ ended: number }>('DELETE', 'api/me/sessions')).ended,
    endSession: (id: string) => api.ask<void>('DELETE', `api/me/sessions/${encodeURIComponent(id)}`),
  };
}

function moderation({ api, link }: Client) {
  const person = (id: string, field: string, body: unknown) =>
    told(api.ask<RestPerson>('PUT', `api/users/${encodeURIComponent(id)}/${field}`, { body }), link.learned.person);
  return {
    setWorkspace: (body: { name: string; hue: number }) =>
      told(api.ask<RestWorkspace>('PUT', 'api/workspace', { body }), link.learned.workspace),
    setRole: (user: string, role: Role) => person(user, 'role', { role }),
    setDisabled: (user: string, disabled: boolean) => person(user, 'disabled', { disabled }),
    /** expires_in in seconds. */
    createInvite: (body: { expires_in?: number; max_uses?: number } = {}) =>
      api.ask<NewInvite>('POST', 'api/invites', { body }),
    invites: async () => (await api.ask<{ invites: Invite[] }>('GET', 'api/invites')).invites,
    revokeInvite: (id: string) => api.ask<void>('DELETE', `api/invites/${encodeURIComponent(id)}`),
    audit: (query: { before?: number; limit?: number } = {}) =>
      api.ask<{ entries: AuditEntry[]; next?: number }>('GET', 'api/audit', { query }),
  };
}

/** Lists of what is for this person, from all their rooms; next leads to the page after, as before. */
function views({ api }: Client) {
  const messages = (path: string) => (before?: Next) =>
    api.ask<{ messages: RestMessage[]; next?: Next }>('GET', path, { query: { before } });
  return {
    /** The threads that this person follows, the one with the newest reply first. */
    threads: (query: { unread?: 'true'; before?: Next } = {}) =>
      api.ask<{ threads: RestThread[]; unread_total: number; next?: Next }>('GET', 'api/threads', { query }),
    /** Messages and replies that name this person, the newest first. */
    mentions: messages('api/mentions'),
    /** What this person keeps for later, the last one first. */
    saved: messages('api/saved'),
  };
}

function rooms({ api, link }: Client) {
  return {
    createRoom: (body: NewRoom) => toldRoom(api.ask<RestRoom>('POST', 'api/rooms', { body }), link.learned),
    /** The direct room with some people, by their ids: the same room for the same people, made if there is none. */
    direct: (users: readonly string[]) =>
      toldRoom(api.ask<RestRoom>('POST', 'api/direct', { body: { users } }), link.learned),
    updateRoom: (name: string, body: RoomSettings) =>
      toldRoom(api.ask<RestRoom>('PATCH', routeOf(name), { body }), link.learned),
    /** All public rooms, also those that this person has left. */
    browse: async () =>
      (await api.ask<{ rooms: BrowsedRoom[] }>('GET', 'api/rooms', { query: { browse: 'true' } })).rooms,
    setArchived: (name: string, archived: boolean) =>
      toldRoom(api.ask<RestRoom>('PUT', routeOf(name, '/archived'), { body: { archived } }), link.learned),
    members: async (name: string, after?: string): Promise<People<RestMember>> => {
      const a = await api.ask<{ members: RestMember[]; next?: string }>('GET', routeOf(name, '/members'), {
        query: { after },
      });
      return { people: a.members, next: a.next ?? null };
    },
    addMember: (name: string, user: string) => api.ask<void>('PUT', memberOf(name, user)),
    /** Takes somebody out of a room, oneself too. ban: they cannot come back by themselves. */
    removeMember: (name: string, user: string, { reason, ban }: { reason?: string; ban?: boolean } = {}) =>
      api.ask<void>('DELETE', memberOf(name, user), {
        query: { reason: reason || undefined, ban: ban ? 'true' : undefined },
      }),
    setRoomRole: (name: string, user: string, role: Exclude<Role, 'guest'>) =>
      api.ask<void>('PUT', `${memberOf(name, user)}/role`, { body: { role } }),
    /** Of what this person wants to be told in a room, and whether they want to hear of it at all; what is left out stays. */
    setNotify: (name: string, body: { level?: 'all' | 'mentions' | 'nothing'; muted?: boolean }) =>
      toldRoom(api.ask<RestRoom>('PUT', routeOf(name, '/notify'), { body }), link.learned),
    markRead: (name: string, n: number, version?: number) =>
      api.ask<{ n: number; version: number }>('POST', routeOf(name, '/read'), { body: { n, version } }),
    /** Says something without a socket. The key is a UUID; a repetition with the same never says it twice. */
    postMessage: (room: string, content: string, key?: string) =>
      api.ask<Omit<MessageFrame, 'type'>>('POST', 'api/messages', {
        body: { room, content },
        headers: key ? { 'Idempotency-Key': key } : {},
      }),
  };
}

function reporting({ api }: Client) {
  return {
    report: (room: string, id: string, reason: string) =>
      api.ask<{ id: string }>('POST', routeOf(room, `/messages/${encodeURIComponent(id)}/report`), {
        body: { reason },
      }),
    reports: (query: { open?: boolean; before?: string } = {}) =>
      api.ask<{ reports: Report[]; next?: string }>('GET', 'api/reports', {
        query: { before: query.before, ...(query.open ? { open: 'true' } : {}) },
      }),
    resolveReport: (id: string, note = '') =>
      api.ask<void>('POST', `api/reports/${encodeURIComponent(id)}/resolve`, { body: { note } }),
    announce: (body: { content: string; until?: string }) =>
      api.ask<RestAnnouncement>('POST', 'api/announcements', { body }),
    endAnnouncement: (id: string) => api.ask<void>('DELETE', `api/announcements/${encodeURIComponent(id)}`),
  };
}
/** What can be done with a message, and asked about it. id: the message's. */
function messages({ api, link, getState }: Client) {
  const of = (room: string, id: string, what = '') => routeOf(room, `/messages/${encodeURIComponent(id)}${what}`);
  const change = (room: string, id: string, how: (m: MessageEntry) => MessageEntry) =>
    link.apply((state) => inRoom(state, room, (r) => alter(r, id, how)));
  const put = (on: boolean, path: string) => api.ask<void>(on ? 'PUT' : 'DELETE', path);
  /** Shown at once, and taken back if the server refuses. */
  const react = async (room: string, id: string, emoji: string, on: boolean) => {
    const { me } = getState();
    const show = (is: boolean) => change(room, id, (m) => (me ? { ...m, reactions: mine(m, emoji, is, me) } : m));
    show(on);
    try {
      await put(on, of(room, id, `/reactions/${encodeURIComponent(emoji)}`));
    } catch (err) {
      show(!on);
      throw err;
    }
  };
  return {
    message: (room: string, id: string) => api.ask<RestMessage>('GET', of(room, id)),
    /** Rejects with the code conflict if the message is deleted. */
    edit: async (room: string, id: string, content: string): Promise<RestMessage> => {
      const answer = await api.ask<RestMessage>('PATCH', of(room, id), { body: { content } });
      const { html, edited, ...m } = stored(answer, '');
      // Another edit may have been heard of since.
      change(room, id, (now) =>
        now.deleted || (now.edited ?? 0) >= (edited ?? 0) ? now : { ...now, content: m.content, html, edited },
      );
      return answer;
    },
    /** Deletes a message: its text is gone, for everyone. reason: why somebody else's was, for the audit log. */
    remove: (room: string, id: string, reason?: string) => api.ask<void>('DELETE', of(room, id), { query: { reason } }),
    edits: async (room: string, id: string) => (await api.ask<{ edits: Edit[] }>('GET', of(room, id, '/edits'))).edits,
    react: (room: string, id: string, emoji: string) => react(room, id, emoji, true),
    unreact: (room: string, id: string, emoji: string) => react(room, id, emoji, false),
    pin: (room: string, id: string) => put(true, of(room, id, '/pin')),
    unpin: (room: string, id: string) => put(false, of(room, id, '/pin')),
    /** What is pinned in a room, the newest pin first. */
    pins: async (room: string) => (await api.ask<{ messages: RestMessage[] }>('GET', routeOf(room, '/pins'))).messages,
    /** Keeps a message for later, or no longer. */
    save: async (room: string, id: string, saved: boolean) => {
      await put(saved, of(room, id, '/saved'));
      change(room, id, (m) => ({ ...m, saved }));
    },
  };
}

/** mine is a message's reactions once mine is among them, or is not. */
function mine({ reactions }: MessageEntry, emoji: string, on: boolean, { id, name }: By): MessageEntry['reactions'] {
  const was = reactions.find((r) => r.emoji === emoji);
  if ((was?.me ?? false) === on) return reactions;
  const others = (was?.users ?? []).filter((u) => u.id !== id);
  const users = on ? [...others, { id, name }] : others;
  const count = (was?.count ?? 0) + (on ? 1 : -1);
  return reacted(reactions, { emoji, count, first: was?.first ?? Number.MAX_SAFE_INTEGER, users }, on);
}
