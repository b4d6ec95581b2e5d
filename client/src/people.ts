/**
 * People: whether they are here, what they say they are doing, what this person wants of the place and of whom they want nothing; and
 * what is announced to everybody.
 */
import type { RestPerson } from './api.ts';
import { usersOf } from './directory.ts';
import type { ServerFrame } from './protocol.ts';
import type { Client } from './types.ts';
import type * as wire from './wire.ts';

/** What somebody says they are doing. It is over at until, in milliseconds since 1970; null: it does not end by itself. */
export interface PersonStatus {
  readonly emoji: string;
  readonly text: string;
  readonly until: number | null;
}

export interface Whereabouts {
  readonly state: 'online' | 'away' | 'dnd' | 'offline';
  /** When somebody who is offline was last here, in milliseconds since 1970; null: they do not say. */
  readonly lastSeen: number | null;
}

/** What this person wants on all of their devices. Times of the schedule are such as 22:00, in its time zone. */
export interface Preferences {
  readonly highlights: readonly string[];
  readonly dnd: {
    readonly until?: string;
    readonly schedule?: { readonly from: string; readonly to: string; readonly zone: string };
  };
  readonly share_last_seen: boolean;
}

export interface Announcement {
  readonly id: string;
  readonly content: string;
  readonly html: string | null;
  readonly user: string;
  readonly time: number;
  readonly until: number | null;
}

export interface Blocked {
  readonly id: string;
  readonly name: string;
  readonly display: string;
}

export interface PeopleState {
  /** By user id; who is not there is offline. */
  readonly whereabouts: ReadonlyMap<string, Whereabouts>;
  /** By user id, of those who have one. It may be over by now: see PersonStatus. */
  readonly statuses: ReadonlyMap<string, PersonStatus>;
  /** null until they are known, and for guests. */
  readonly preferences: Preferences | null;
  /** Whom this person has blocked, by user id. */
  readonly blocked: ReadonlyMap<string, Blocked>;
  /** What stands, oldest first; some may be over by now. */
  readonly announcements: readonly Announcement[];
}

export type Activity = 'active' | 'away' | 'dnd';

/** REST methods reject with an ApiError. */
export interface People {
  getState(): PeopleState;
  /** The listener is called after each change; returns what ends it. */
  subscribe(listener: () => void): () => void;
  /** What this person does on this connection, and on those after it. */
  setActivity(activity: Activity): void;
  /** null: they say nothing any more. */
  setStatus(status: { emoji: string; text: string; until: number | null } | null): Promise<void>;
  setPreferences(preferences: Preferences): Promise<void>;
  setBlocked(user: string, blocked: boolean): Promise<void>;
}

export const nobody: PeopleState = {
  whereabouts: new Map(),
  statuses: new Map(),
  preferences: null,
  blocked: new Map(),
  announcements: [],
};

/** So many pages of people are read. */
const PAGES = 10;
/** Who comes back with all others after a cut reads within this time, in milliseconds. */
const SPREAD = 2000;

const made = new WeakMap<Client, People>();

/** people returns the same object for the same client. It is live from the first call on. */
export function people(client: Client): People {
  let all = made.get(client);
  if (!all) {
    all = new Store(client);
    made.set(client, all);
  }
  return all;
}

type Row = RestPerson & { state?: string; last_seen?: string; status?: wire.Status };

const moment = (at: string | undefined): number | null => (at ? Date.parse(at) : null);
const statusOf = (s: wire.Status): PersonStatus => ({
  emoji: s.emoji ?? '',
  text: s.text ?? '',
  until: moment(s.until),
});
const whereOf = (p: { state?: string; last_seen?: string }): Whereabouts => ({
  state: (p.state ?? 'offline') as Whereabouts['state'],
  lastSeen: moment(p.last_seen),
});

class Store implements People {
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  #state = nobody;
  #me: string | null = null;
  #activity: Activity = 'active';
  /** Of whom frames have told on this connection: that is newer than any list. */
  #told = new Set<string>();
  #connections = 0;

  constructor(client: Client) {
    this.#client = client;
    client.link.onFrame((frame) => this.#hear(frame));
    if (client.getState().status === 'connected') {
      this.#connected();
      void this.#announcements();
    }
  }

  getState = (): PeopleState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    const entry = () => listener(); // the same listener may come twice
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  };

  setActivity(activity: Activity): void {
    if (this.#activity === activity) return;
    this.#activity = activity;
    this.#client.link.send({ type: 'activity', state: activity });
  }

  async setStatus(status: { emoji: string; text: string; until: number | null } | null): Promise<void> {
    const me = await (status === null
      ? this.#client.api.ask<Row>('DELETE', 'api/me/status')
      : this.#client.api.ask<Row>('PUT', 'api/me/status', {
          body: {
            emoji: status.emoji,
            text: status.text,
            ...(status.until === null ? {} : { until: new Date(status.until).toISOString() }),
          },
        }));
    this.#says(me.id, me.status);
  }

  async setPreferences(preferences: Preferences): Promise<void> {
    const now = await this.#client.api.ask<Preferences>('PUT', 'api/me/preferences', { body: preferences });
    this.#set({ preferences: now });
  }

  async setBlocked(user: string, blocked: boolean): Promise<void> {
    await this.#client.api.ask<void>(blocked ? 'PUT' : 'DELETE', `api/me/blocks/${encodeURIComponent(user)}`);
    const all = new Map(this.#state.blocked);
    const known = this.#client.getState().people[user];
    if (blocked) all.set(user, { id: user, name: known?.name ?? user, display: known?.display ?? user });
    else all.delete(user);
    this.#blocks(all);
  }

  /** blocks takes over whom this person has blocked. What those said is counted anew, by the server. */
  #blocks(all: ReadonlyMap<string, Blocked>): void {
    this.#set({ blocked: all });
    const before = this.#client.getState().blocked;
    if ((before?.size ?? 0) === all.size && [...all.keys()].every((id) => before?.has(id))) return;
    this.#client.link.apply((state) => ({ ...state, blocked: new Set(all.keys()) }));
    void this.#client.refreshRooms();
  }

  #set(change: Partial<PeopleState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }

  #says(id: string, status: wire.Status | undefined): void {
    const statuses = new Map(this.#state.statuses);
    if (status) statuses.set(id, statusOf(status));
    else if (!statuses.delete(id)) return;
    this.#set({ statuses });
  }

  #hear(frame: ServerFrame): void {
    if (frame.type === 'welcome') this.#connected();
    else if (frame.type === 'other') this.#other(frame.frame as unknown as wire.Frame);
  }

  #other(f: wire.Frame): void {
    switch (f.type) {
      case 'user_changed':
        this.#told.add(f.user_id);
        this.#says(f.user_id, f.status);
        break;
      case 'user_presence': {
        const whereabouts = new Map(this.#state.whereabouts);
        for (const u of f.people) {
          this.#told.add(`at ${u.user_id}`);
          whereabouts.set(u.user_id, whereOf(u));
        }
        this.#set({ whereabouts });
        break;
      }
      case 'preferences': {
        const { type: _, ...preferences } = f;
        this.#set({ preferences });
        break;
      }
      case 'announcement':
        this.#set({ announcements: [...this.#state.announcements.filter((a) => a.id !== f.id), announced(f)] });
        break;
      case 'announcement_ended':
        this.#set({ announcements: this.#state.announcements.filter((a) => a.id !== f.id) });
        break;
    }
  }

  #connected(): void {
    const { me } = this.#client.getState();
    const again = ++this.#connections;
    this.#told = new Set();
    if (me?.id !== this.#me) this.#state = nobody;
    this.#me = me?.id ?? null;
    this.#set({ announcements: [] }); // those that stand come behind welcome
    if (this.#activity !== 'active') this.#client.link.send({ type: 'activity', state: this.#activity });
    const read = () => {
      if (again !== this.#connections) return;
      void this.#everybody(again);
      if (me !== null && me.kind !== 'guest') void this.#own(again);
    };
    if (again === 1) read();
    else this.#client.link.clock.setTimeout(read, Math.random() * SPREAD);
  }

  /** everybody reads who is here, page by page. What went wrong is read again with the next connection. */
  async #everybody(connection: number): Promise<void> {
    let after: string | undefined;
    for (let i = 0; i < PAGES; i++) {
      const page = await usersOf(this.#client.api, after).catch(() => null);
      if (page === null || connection !== this.#connections) return;
      const whereabouts = new Map(this.#state.whereabouts);
      const statuses = new Map(this.#state.statuses);
      for (const p of page.people as Row[]) {
        if (!this.#told.has(`at ${p.id}`)) whereabouts.set(p.id, whereOf(p));
        if (this.#told.has(p.id)) continue;
        if (p.status) statuses.set(p.id, statusOf(p.status));
        else statuses.delete(p.id);
      }
      this.#set({ whereabouts, statuses });
      if (page.next === null) return;
      after = page.next;
    }
  }

  /** own reads what this person wants. */
  async #own(connection: number): Promise<void> {
    const { ask } = this.#client.api;
    const [preferences, blocks] = await Promise.all([
      ask<Preferences>('GET', 'api/me/preferences').catch(() => null),
      ask<{ blocks: Blocked[] }>('GET', 'api/me/blocks').catch(() => null),
    ]);
    if (connection !== this.#connections) return;
    if (preferences) this.#set({ preferences });
    if (blocks) this.#blocks(new Map(blocks.blocks.map((b) => [b.id, b])));
  }

  /** announcements reads what came before anybody listened. */
  async #announcements(): Promise<void> {
    const connection = this.#connections;
    const answer = await this.#client.api
      .ask<{ announcements: wire.Announcement[] }>('GET', 'api/announcements')
      .catch(() => null);
    if (answer === null || connection !== this.#connections) return;
    const heard = this.#state.announcements;
    const before = answer.announcements.map(announced).filter((a) => !heard.some((other) => other.id === a.id));
    this.#set({ announcements: [...before, ...heard] });
  }
}

const announced = (f: wire.Announcement): Announcement => ({
  id: f.id,
  content: f.content,
  html: f.html ?? null,
  user: f.user,
  time: Date.parse(f.timestamp),
  until: moment(f.until),
});
