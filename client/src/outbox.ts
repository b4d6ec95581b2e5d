/**
 * The outbox sends what is pending, in the order in which it was said, and again after a cut, always with the same
 * client_id. It holds nothing that the list of the room does not show as pending.
 */

import { Alarm } from './alarm.ts';
import type { Clock } from './heartbeat.ts';
import type { ClientFrame, ErrorFrame } from './protocol.ts';
import { pendingOf } from './reduce.ts';
import type { MessageEntry, Room, State } from './types.ts';

/** Sends that may be unanswered at a time: half of what the server takes, so that other frames are read meanwhile. */
const WINDOW = 32;
/** How long after connecting a send that may have been stored waits for the past to be replayed. */
const REPLAY_TIME = 10_000;
/** Tries of a message that meets faults of the server. */
const TRIES = 4;

interface Sent {
  /** The connection that it was sent on; 0: it was answered with "again". */
  on: number;
  tries: number;
  /** The room's slow mode lets it in from then on. */
  from: number;
}

/** What waits, and the room that it is in now, whatever that was called when it was said. */
type Waiting = readonly [MessageEntry, Room];

export interface OutboxHost {
  getState: () => State;
  send: (frame: ClientFrame) => boolean;
  /** Whether it is this client that sends a message; a room's later ones wait for it. */
  mine: (clientId: string) => boolean;
  failed: (room: string, clientId: string, error: string, code: string) => void;
}

export class Outbox {
  readonly #clock: Clock;
  readonly #host: OutboxHost;
  readonly #sent = new Map<string, Sent>(); // by client_id: what was sent and is not settled
  readonly #order = new Set<string>(); // client_ids of all that waits
  #connection = 0;
  #up = false;
  #replayBy = 0;
  #pausedUntil = 0;
  readonly #timer: Alarm;

  constructor(clock: Clock, host: OutboxHost) {
    this.#clock = clock;
    this.#host = host;
    this.#timer = new Alarm(clock);
  }

  connected(): void {
    this.#connection++;
    this.#up = true;
    this.#pausedUntil = 0;
    this.#replayBy = this.#clock.now() + REPLAY_TIME;
    this.pump();
  }

  disconnected(): void {
    this.#up = false;
    this.#wakeAt(null);
  }

  /** added is called for each message that is now pending, new or tried again. */
  added(clientId: string): void {
    this.#order.add(clientId);
    this.pump();
  }

  /** adopt takes over what was kept, in its order and before everything else. */
  adopt(order: readonly { clientId: string }[]): void {
    const rest = [...this.#order];
    this.#order.clear();
    for (const { clientId } of order) this.#order.add(clientId);
    for (const id of rest) this.#order.add(id);
    this.pump();
  }

  /** changed is called when something may have been settled or a stream may have begun. */
  changed(): void {
    if (this.#order.size > 0) this.pump();
  }

  forget(): void {
    this.#order.clear();
    this.#sent.clear();
  }

  /** refused takes an error frame; false if it is about none of these messages. */
  refused(frame: ErrorFrame): boolean {
    const id = frame.ref ?? '';
    if (!this.#order.has(id)) return false;
    const tries = this.#sent.get(id)?.tries ?? 0;
    const again = this.#pauseAfter(frame, tries);
    const room = this.#waiting().find(([m]) => m.clientId === id)?.[1];
    if (again === null) {
      this.#drop(id);
      this.#host.failed(room?.name ?? '', id, frame.message, frame.code);
    } else {
      const until = this.#clock.now() + again;
      const slow = frame.code === 'rate_limited' && room?.slowMode; // other rooms do not wait for it
      this.#sent.set(id, { on: 0, tries: tries + (frame.code === 'internal' ? 1 : 0), from: slow ? until : 0 });
      if (!slow) this.#pausedUntil = Math.max(this.#pausedUntil, until);
    }
    this.pump();
    return true;
  }

  /** pauseAfter is how long to wait before the same frame again; null: never. */
  #pauseAfter(frame: ErrorFrame, tries: number): number | null {
    switch (frame.code) {
      case 'rate_limited':
      case 'overloaded':
        return Math.min(Math.max(frame.retry_after ?? 1000, 50), 60_000);
      case 'unknown_outcome':
        return 1000;
      case 'internal':
        return tries + 1 < TRIES ? 1000 * 2 ** tries : null;
      default:
        return null;
    }
  }

  #drop(id: string): void {
    this.#order.delete(id);
    this.#sent.delete(id);
  }

  /** pump sends what may go now. */
  pump(): void {
    const waiting = this.#waiting();
    const now = this.#clock.now();
    if (!this.#up || waiting.length === 0) this.#wakeAt(null);
    else if (now < this.#pausedUntil) this.#wakeAt(this.#pausedUntil);
    else this.#wakeAt(this.#sendNow(waiting, now));
  }

  /** sendNow sends what may go; returns when more may, if nothing else happens before. */
  #sendNow(waiting: readonly Waiting[], now: number): number | null {
    let next = Infinity;
    let open = waiting.filter(([m]) => this.#sent.get(m.clientId)?.on === this.#connection).length;
    const held = new Set<Room>();
    const kept = new Set<Room>(); // another tab sends there
    for (const [m, room] of waiting) {
      const sent = this.#sent.get(m.clientId);
      if (sent?.on === this.#connection || held.has(room) || kept.has(room)) continue;
      if (open >= WINDOW) break;
      if (!this.#host.mine(m.clientId)) {
        kept.add(room);
        continue;
      }
      const ready = this.#ready(room, !!sent?.on, now);
      const from = ready ? (sent?.from ?? 0) : this.#replayBy;
      if (now < from) next = Math.min(next, from);
      if (now < from || !ready) {
        held.add(room); // what was said after it waits as well
        continue;
      }
      const { content, clientId, quote } = m;
      const frame = { room: room.name, content, client_id: clientId, ...(quote && { quote }) };
      if (!this.#host.send({ type: 'message', ...frame })) break;
      this.#sent.set(m.clientId, { on: this.#connection, tries: sent?.tries ?? 0, from: 0 });
      open++;
    }
    return next < Infinity ? next : null;
  }

  /** waiting lists what is pending in the order in which it was said, and forgets what no longer is. */
  #waiting(): Waiting[] {
    const pending = new Map<string, Waiting>();
    for (const room of Object.values(this.#host.getState().rooms))
      for (const m of pendingOf(room)) pending.set(m.clientId, [m, room]);
    const list: Waiting[] = [];
    for (const id of [...this.#order]) {
      const m = pending.get(id);
      if (m) list.push(m);
      else this.#drop(id);
    }
    return list;
  }

  /** ready: the room's stream runs, and if the message may have been stored already, the past has been replayed. */
  #ready(room: Room, before: boolean, now: number): boolean {
    const { stream, cursor, head } = room.sync;
    if (stream === 'refused' || stream === 'removed') return true;
    if (stream !== 'live') return false;
    return !before || now >= this.#replayBy || (cursor !== null && cursor.seq >= head);
  }

  #wakeAt(at: number | null): void {
    if (at === null) this.#timer.off();
    else this.#timer.set(() => this.pump(), Math.max(0, at - this.#clock.now()));
  }
}
