/** Tells a room that this person types, and shows for how long others do. */
import { Alarm } from './alarm.ts';
import type { Clock } from './heartbeat.ts';
import type { ClientFrame } from './protocol.ts';
import type { State } from './types.ts';

/** Between two typing frames: a little more than the 2 s below which the server drops one, as networks are uneven. */
const EVERY = 2100;
/** After so much idleness typing has ended. */
const IDLE = 2000;

export class TypingSender {
  readonly #clock: Clock;
  readonly #send: (frame: ClientFrame) => boolean;
  readonly #live: (room: string) => boolean;
  readonly #told = new Map<string, number>(); // room -> when it was last told
  #active: string | null = null;
  readonly #idle: Alarm;
  /** Where somebody types whose room is not live yet, and when that is over. */
  #early: { room: string; until: number } | null = null;

  /** A room hears of typing only while it is live. */
  constructor(clock: Clock, send: (frame: ClientFrame) => boolean, live: (room: string) => boolean) {
    this.#clock = clock;
    this.#send = send;
    this.#live = live;
    this.#idle = new Alarm(clock);
  }

  typing(room: string): void {
    if (this.#active !== null && this.#active !== room) this.stop(this.#active);
    const now = this.#clock.now();
    this.#early = null;
    if (!this.#live(room)) {
      this.#early = { room, until: now + IDLE };
      return;
    }
    const passed = now - (this.#told.get(room) ?? -Infinity);
    if (passed >= EVERY || passed < 0) {
      if (!this.#send({ type: 'typing', room })) return;
      this.#told.set(room, now);
      this.#active = room;
    }
    this.#idle.set(() => this.stop(room), IDLE);
  }

  /** changed tells what was typed before its room was live, unless that is long ago. */
  changed(): void {
    const early = this.#early;
    if (early === null || !this.#live(early.room)) return;
    this.#early = null;
    if (this.#clock.now() < early.until) this.typing(early.room);
  }

  stop(room: string): void {
    if (this.#early?.room === room) this.#early = null;
    if (this.#active !== room) return;
    this.said(room);
    this.#send({ type: 'stop_typing', room });
  }

  /** said: a message has ended typing by itself. */
  said(room: string): void {
    if (this.#early?.room === room) this.#early = null;
    if (this.#active !== room) return;
    this.#active = null;
    this.#idle.off();
  }

  /** disconnected: nobody has to be told. */
  disconnected(): void {
    this.#active = null;
    this.#told.clear();
    this.#idle.off();
  }
}

/** Ends what is shown of others' typing when its time is over. */
export class TypingClock {
  readonly #clock: Clock;
  readonly #getState: () => State;
  readonly #tick: (now: number) => void;
  readonly #timer: Alarm;

  constructor(clock: Clock, getState: () => State, tick: (now: number) => void) {
    this.#clock = clock;
    this.#getState = getState;
    this.#tick = tick;
    this.#timer = new Alarm(clock);
  }

  /** plan is called when somebody may have begun to type. */
  plan(): void {
    if (this.#timer.on) return;
    let first = Infinity;
    for (const room of Object.values(this.#getState().rooms))
      for (const t of room.sync.typing) first = Math.min(first, t.until);
    if (first === Infinity) return;
    this.#timer.set(
      () => {
        this.#tick(this.#clock.now());
        this.plan();
      },
      Math.max(0, first - this.#clock.now()),
    );
  }

  stop(): void {
    this.#timer.off();
  }
}
