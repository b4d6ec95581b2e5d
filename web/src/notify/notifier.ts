import type { Client, State } from '@parley-chat/client';
import type { Heard } from '@parley-chat/client/heard';
import type { Tabs } from '@parley-chat/client/offline';
import { hasWord } from '../people/highlight';
import type { Level } from './choice';
import { ofRoom, ofRooms, type Words } from './wording';

/** So long, in ms, a message waits before it is told of: whoever reads it elsewhere has read it by then. */
export const pause = 1500;
/** After a connection has come back, messages that were missed are gathered for at most so long, in ms. */
export const gathering = 10_000;

/** What tabs say to each other: which room is before somebody's eyes in the one that has the focus. */
export interface Said {
  front: string | null;
}

/** A notification that is shown. */
export interface Shown {
  close(): void;
}

export interface Host {
  client: Pick<Client, 'getState' | 'subscribe'> & { onMessage: (listener: (message: Heard) => void) => () => void };
  tabs: Tabs<Said>;
  level: () => Level;
  /** Whether this person does not want to be disturbed now. */
  quiet: () => boolean;
  /** Words that count as their name. */
  words: () => readonly string[];
  /** Whether they want nothing of somebody. */
  blocked: (userId: string) => boolean;
  /** Shows a notification in place of the one with the same tag; null if that cannot be done. */
  show: (words: Words & { tag: string; room: string }) => Shown | null;
}

interface Told {
  shown: Shown;
  /** The last message of each room that it is about. */
  last: ReadonlyMap<string, number>;
}

/**
 * Tells of messages that nobody is looking at: one notification for a message, whichever tabs there are. Each tab hears
 * every message; the one that has the turn tells. What is read in the meantime, in whatever tab or device, is not told of,
 * or not any longer. After a cut there is one notification for all that was missed.
 */
export class Notifier {
  readonly #host: Host;
  readonly #due = new Map<string, Heard[]>();
  readonly #told = new Map<string, Told>();
  readonly #ends: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #since = 0; // when the first that waits came
  #missed = false; // what waits was missed
  #connections = 0;
  #connected = false;
  #turn: (() => void) | null = null;
  #mine = false;
  #front: string | null = null;
  #frontElsewhere: string | null = null;

  constructor(host: Host) {
    this.#host = host;
    host.tabs.heard = ({ front }) => {
      this.#frontElsewhere = front;
    };
    this.#ends = [host.client.onMessage((message) => this.#heard(message)), host.client.subscribe(() => this.#look())];
    this.#look();
  }

  stop(): void {
    for (const end of this.#ends) end();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#pass();
    for (const { shown } of this.#told.values()) shown.close();
    this.#told.clear();
  }

  #look(): void {
    const state = this.#host.client.getState();
    const connected = state.status === 'connected';
    if (connected !== this.#connected) {
      this.#connected = connected;
      if (connected) this.#connections++;
      if (connected) this.#ask();
      else this.#pass();
    }
    const front = state.visible ? state.open : null;
    if (front !== this.#front) {
      this.#front = front;
      // The tab that is left says nothing to the one that has just said what is before it.
      this.#host.tabs.say({ front });
      if (front !== null) this.#frontElsewhere = null;
    }
    for (const [tag, { shown, last }] of this.#told) {
      if ([...last].every(([room, n]) => isRead(state, room, n))) {
        this.#told.delete(tag);
        shown.close();
      }
    }
  }

  #ask(): void {
    this.#turn = this.#host.tabs.turn(() => {
      this.#mine = true;
    });
  }

  #pass(): void {
    this.#turn?.();
    this.#turn = null;
    this.#mine = false;
  }

  #heard(message: Heard): void {
    const { me } = this.#host.client.getState();
    if (message.past && this.#connections < 2) return; // the page has just been opened: it shows what is unread
    if (me === null || message.userId === me.id || !this.#wanted(message) || this.#inFront(message.room)) return;
    const waiting = this.#due.get(message.room);
    if (waiting) waiting.push(message);
    else this.#due.set(message.room, [message]);
    this.#missed ||= message.past;
    this.#plan();
  }

  #wanted(message: Heard): boolean {
    const { level, quiet, words, blocked } = this.#host;
    if (quiet() || blocked(message.userId)) return false;
    const room = this.#host.client.getState().rooms[message.room];
    const wish = room?.notify || (room?.kind === 'direct' ? 'all' : level()); // the room's own level comes before the device's
    if (level() === 'off' || room?.muted || wish === 'nothing') return false;
    return wish === 'all' || message.names || hasWord(message.content, words());
  }

  #inFront(room: string): boolean {
    return this.#front === room || this.#frontElsewhere === room;
  }

  /** plan lets what waits be told of after the pause; what was missed, once nothing more of it comes. */
  #plan(): void {
    const now = Date.now();
    if (this.#timer === null) this.#since = now;
    else if (!this.#missed || now - this.#since > gathering - pause) return;
    else clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), pause);
  }

  #tell(): void {
    this.#timer = null;
    const state = this.#host.client.getState();
    const rooms = new Map<string, Heard[]>();
    for (const [room, messages] of this.#due) {
      const left = messages.filter(({ n }) => !isRead(state, room, n));
      if (left.length > 0 && !this.#inFront(room)) rooms.set(room, left);
    }
    const missed = this.#missed;
    this.#due.clear();
    this.#missed = false;
    if (!this.#mine) return;
    if (missed && rooms.size > 1) this.#show('missed', ofRooms(rooms, state), rooms);
    else
      for (const [room, messages] of rooms)
        this.#show(`room ${room}`, ofRoom(messages, state), new Map([[room, messages]]));
  }

  #show(tag: string, words: Words, rooms: ReadonlyMap<string, readonly Heard[]>): void {
    const [room] = rooms.keys();
    const shown = room === undefined ? null : this.#host.show({ ...words, tag, room });
    if (shown === null) return;
    this.#told.set(tag, { shown, last: new Map([...rooms].map(([name, list]) => [name, list.at(-1)?.n ?? 0])) });
  }
}

function isRead(state: State, room: string, n: number): boolean {
  const known = state.rooms[room];
  return known === undefined || known.readN >= n;
}
