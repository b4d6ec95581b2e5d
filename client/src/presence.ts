/** Who is in the rooms, who comes and goes, and who types; and tells the others that this person types. */
import { fits, type OtherFrame, type ServerFrame, type Shape } from './protocol.ts';
import { aroundOf, everyRoom, heardOf, inRoom } from './reduce.ts';
import { onlineUsers, presenceIn, stopTyping, typed, typing } from './reduce-presence.ts';
import type { Around } from './reduce-room.ts';
import type { Client, Link, Room, Typist } from './types.ts';
import { TypingClock, TypingSender } from './typing.ts';
import type * as wire from './wire.ts';

/**
 * presence sees to it that the client's rooms tell who is there and who types, and that its typing and stopTyping do something.
 * Without it rooms tell how many are there, as of the last list of rooms. useRoom calls it by itself. A second call does nothing.
 */
export function presence(client: Client): void {
  client.link.typist ??= new Here(client.link, client.getState);
}

type PresenceFrame = wire.Typing | wire.StopTyping | wire.Join | wire.Leave | wire.OnlineUsers | wire.PresenceDelta;

const str = (v: unknown) => typeof v === 'string';
const num = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0;
const names = (v: unknown) => Array.isArray(v) && v.every(str);
const person = { room: str, user: str, user_id: (v: unknown) => str(v) && v !== '' && v !== '__proto__' };
const shapes: { readonly [F in PresenceFrame as F['type']]: Shape<F> } = {
  typing: person,
  stop_typing: person,
  join: person,
  leave: person,
  online_users: { room: str, users: names, count: num },
  presence_delta: { room: str, joined: names, left: names, count: num },
};

function read({ frame }: OtherFrame): PresenceFrame | null {
  const known = Object.hasOwn(shapes, frame.type) && fits(frame, shapes[frame.type as PresenceFrame['type']]);
  return known ? (frame as unknown as PresenceFrame) : null;
}

class Here implements Typist {
  readonly #link: Link;
  readonly #sender: TypingSender;
  readonly #shown: TypingClock;

  constructor(link: Link, getState: Client['getState']) {
    this.#link = link;
    const { clock } = link;
    this.#sender = new TypingSender(clock, link.send, (room) => getState().rooms[room]?.sync.stream === 'live');
    this.#shown = new TypingClock(clock, getState, (now) => this.#each((r) => stillTyping(r, now)));
    link.onFrame((frame) => this.#hear(frame));
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
    const f = frame.type === 'other' ? read(frame) : null;
    if (f === null) return;
    this.#in(f.room, (room, around) => presenceOf(room, f, around));
    if (f.type === 'join') this.#link.apply((state) => heardOf(state, f.user_id, f.user), false);
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

function presenceOf(room: Room, f: PresenceFrame, around: Around): Room {
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
