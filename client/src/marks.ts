/** Tells the server what was read: each number once on a connection, and at most once a second, of many rooms at once. */
import { Alarm } from './alarm.ts';
import type { Clock } from './heartbeat.ts';
import type { ClientFrame, ErrorFrame } from './protocol.ts';
import type { State } from './types.ts';

/** The least time between two times of telling, in milliseconds. */
export const READ_EVERY = 1000;
/** Rooms that are told of at one time. The server takes 20 a second, and 200 at once. */
const AT_ONCE = 20;

export class Marks {
  readonly #clock: Clock;
  readonly #getState: () => State;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #sent = new Map<string, number>(); // room -> the n that this connection has told
  readonly #dirty = new Set<string>();
  #last = -Infinity;
  readonly #timer: Alarm;

  constructor(clock: Clock, getState: () => State, send: (frame: ClientFrame) => boolean) {
    this.#clock = clock;
    this.#getState = getState;
    this.#send = send;
    this.#timer = new Alarm(clock);
  }

  /** look is called when a room may have a new mark. */
  look(room: string): void {
    if (this.#wanted(room) === null) return;
    this.#dirty.add(room);
    this.#flush();
  }

  connected(): void {
    this.#sent.clear();
    for (const room of Object.keys(this.#getState().rooms)) if (this.#wanted(room) !== null) this.#dirty.add(room);
    this.#flush();
  }

  disconnected(): void {
    this.#timer.off();
    this.#dirty.clear();
  }

  /** refused takes the error frame that answers a read. */
  refused(frame: ErrorFrame): void {
    if (frame.code !== 'rate_limited' && frame.code !== 'overloaded') return;
    this.#last = this.#clock.now() + Math.min(frame.retry_after ?? 0, 60_000);
    this.connected();
  }

  #wanted(name: string): number | null {
    const sync = this.#getState().rooms[name]?.sync;
    if (!sync?.mark) this.#sent.delete(name); // whoever marks the room unread now will read it again
    if (!sync?.mark || sync.mark <= sync.serverReadN || sync.mark <= (this.#sent.get(name) ?? 0)) return null;
    return sync.mark;
  }

  #flush(): void {
    if (this.#timer.on) return;
    const wait = this.#last + READ_EVERY - this.#clock.now();
    if (wait > 0) {
      this.#timer.set(() => this.#flush(), wait);
      return;
    }
    for (const room of [...this.#dirty].slice(0, AT_ONCE)) {
      this.#dirty.delete(room);
      const n = this.#wanted(room);
      if (n === null || !this.#send({ type: 'read', room, n })) continue;
      this.#sent.set(room, n);
      this.#last = this.#clock.now();
    }
    if (this.#dirty.size > 0) this.#flush();
  }
}
