/** Who there is, who is in the rooms, who comes and goes, and who types; and tells the others that this person types. */

import type { RestPerson } from './api.ts';
import { heardOf, personOf, shown, told, usersOf } from './directory.ts';
import { fits, type OtherFrame, type ServerFrame, type Shape } from './protocol.ts';
import { aroundOf, everyRoom, inRoom } from './reduce.ts';
import { onlineUsers, presenceIn, stopTyping, typed, typing } from './reduce-presence.ts';
import type { Around } from './reduce-room.ts';
import type { Client, Link, Others, Room } from './types.ts';
import { TypingClock, TypingSender } from './typing.ts';
import type * as wire from './wire.ts';

/**
 * presence sees to it that the state tells of people, and its rooms of who is there and who types, and that the client's typing and
 * stopTyping do something. Without it rooms tell how many are there, as of a list of rooms. useRoom calls it by itself; a second
 * call does nothing.
 */
export function presence(client: Client): void {
  client.link.others ??= new Here(client);
}

type InRoom = wire.Typing | wire.StopTyping | wire.Join | wire.Leave | wire.OnlineUsers | wire.PresenceDelta;
type PresenceFrame = InRoom | wire.UserChanged;

const str = (v: unknown) => typeof v === 'string';
const num = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0;
const names = (v: unknown) => Array.isArray(v) && v.every(str);
const id = (v: unknown) => str(v) && v !== '' && v !== '__proto__';
const person = { room: str, user: str, user_id: id };
const shapes: { readonly [F in PresenceFrame as F['type']]: Shape<F> } = {
  typing: person,
  stop_typing: person,
  join: person,
  leave: person,
  online_users: { room: str, users: names, count: num },
  presence_delta: { room: str, joined: names, left: names, count: num },
  user_changed: {
    user_id: id,
    user: str,
    display: str,
    avatar: (v) => v === undefined || v === null || str(v),
    status: () => true,
  },
};

function read({ frame }: OtherFrame): PresenceFrame | null {
  const known = Object.hasOwn(shapes, frame.type) && fits(frame, shapes[frame.type as PresenceFrame['type']]);
  return known ? (frame as unknown as PresenceFrame) : null;
}

/** The list of accounts is read again at a connection if it is older than this, in milliseconds. */
const LIST_EVERY = 30_000;
/** Pages of accounts that are read. */
const LIST_PAGES = 10;

class Here implements Others {
  readonly #link: Link;
  readonly #api: Client['api'];
  readonly #sender: TypingSender;
  readonly #shown: TypingClock;
  #readAt = -Infinity;
  #generation = 0;

  constructor({ api, link, getState }: Client) {
    this.#link = link;
    this.#api = api;
    const { clock } = link;
    this.#sender = new TypingSender(clock, link.send, (room) => getState().rooms[room]?.sync.stream === 'live');
    this.#shown = new TypingClock(clock, getState, (now) => this.#each((r) => stillTyping(r, now)));
    link.onFrame((frame) => this.#hear(frame));
    if (getState().status === 'connected') this.connected();
  }

  connected(): void {
    if (this.#link.clock.now() - this.#readAt > LIST_EVERY) void this.#read();
  }

  forget(): void {
    this.#generation++;
    this.#readAt = -Infinity;
  }

  met(people: readonly RestPerson[]): void {
    this.#link.apply((state) => told(state, people.map(personOf)), false);
  }

  /** read reads the list of accounts. */
  async #read(): Promise<void> {
    const generation = this.#generation;
    this.#readAt = this.#link.clock.now();
    try {
      for (let after: string | undefined, i = 0; i < LIST_PAGES; i++) {
        const { people, next } = await usersOf(this.#api, after);
        if (generation !== this.#generation) return;
        this.met(people);
        if (next === null) return;
        after = next;
      }
    } catch {
      if (generation === this.#generation) this.#readAt = -Infinity; // the next connection tries again
    }
  }

  typing(room: string): void {
    this.#sender.typing(room);
  }

  stop(room: string): void {
    this.#sender.stop(room);
  }

  said(room: string): void {
    this.#sender.said(room);
  }

  changed(): void {
    this.#sender.changed();
  }

  disconnected(): void {
    this.#sender.disconnected();
    this.#shown.stop();
    this.#each((r) => typed(r, []));
  }

  #each(change: (room: Room) => Room): void {
    this.#link.apply((state) => everyRoom(state, change), false);
  }

  #hear(frame: ServerFrame): void {
    if (frame.type === 'message') this.#in(frame.room, (r) => stopTyping(r, frame.user_id));
    const f = frame.type === 'other' ? read(frame) : frame;
    if (f === null) return;
    if (f.type === 'message' || f.type === 'join' || f.type === 'welcome')
      this.#link.apply((state) => heardOf(state, f.user_id, f.user), false);
    if (f.type === 'user_changed') this.#link.apply((state) => shown(state, f), false);
    if (frame.type !== 'other' || f.type === 'user_changed') return;
    const here = f as InRoom;
    this.#in(here.room, (room, around) => presenceOf(room, here, around));
    if (f.type === 'typing') this.#shown.plan();
  }

  #in(name: string, change: (room: Room, around: Around) => Room): void {
    const now = this.#link.clock.now();
    this.#link.apply((state) => inRoom(state, name, (r) => change(r, aroundOf(state, name, now))), false);
  }
}

const stillTyping = (room: Room, now: number): Room =>
  room.sync.typing.some((t) => t.until <= now)
    ? typed(
        room,
        room.sync.typing.filter((t) => t.until > now),
      )
    : room;

function presenceOf(room: Room, f: InRoom, around: Around): Room {
  switch (f.type) {
    case 'typing':
      return typing(room, f, around);
    case 'stop_typing':
      return stopTyping(room, f.user_id);
    case 'join':
    case 'leave':
      return presenceIn(room, f, around);
    case 'online_users':
      return onlineUsers(room, f);
    case 'presence_delta':
      return { ...room, online: f.count, users: [] };
  }
}
