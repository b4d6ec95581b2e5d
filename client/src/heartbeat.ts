/**
 * The heartbeat notices a connection that is open by name only, and a device that was asleep. A page cannot see pings
 * of the server, so after a silence it asks: a frame of the type "ping", which no server knows and each answers
 * with an `error` frame at once, without a look at any room.
 */
import { Alarm } from './alarm.ts';
import type { Timer } from './types.ts';

/** After so much silence the server is asked, in milliseconds. */
export const SILENCE = 25_000;
/** The time it has for an answer. */
export const ANSWER_TIME = 10_000;
/** How often the clock is looked at. */
const TICK = 5_000;
/** A tick that comes so much later than planned means that the device was asleep. */
const DRIFT = 10_000;

export interface Clock {
  now: () => number;
  setTimeout: (run: () => void, ms: number) => Timer;
  clearTimeout: (timer: Timer) => void;
}

export interface HeartbeatEvents {
  probe: () => void;
  dead: () => void;
  woke: () => void;
}

export class Heartbeat {
  readonly #clock: Clock;
  readonly #on: HeartbeatEvents;
  readonly #tick: Alarm;
  #ticked = 0;
  readonly #silence: Alarm;
  readonly #answer: Alarm;
  #up = false;

  constructor(clock: Clock, on: HeartbeatEvents) {
    this.#clock = clock;
    this.#on = on;
    this.#tick = new Alarm(clock);
    this.#silence = new Alarm(clock);
    this.#answer = new Alarm(clock);
  }

  start(): void {
    this.#ticked = this.#clock.now();
    this.#next();
  }

  stop(): void {
    this.#tick.off();
    this.disconnected();
  }

  connected(): void {
    this.#up = true;
    this.heard();
  }

  disconnected(): void {
    this.#up = false;
    this.#silence.off();
    this.#answer.off();
  }

  /** heard is called with everything that the server sends. */
  heard(): void {
    if (!this.#up) return;
    this.#answer.off();
    this.#silence.set(() => this.probe(), SILENCE);
  }

  /** probe asks now. */
  probe(): void {
    if (!this.#up || this.#answer.on) return;
    this.#silence.off();
    this.#answer.set(() => this.#on.dead(), ANSWER_TIME);
    this.#on.probe();
  }

  #next(): void {
    this.#tick.set(() => {
      const late = this.#clock.now() - this.#ticked - TICK;
      this.#ticked = this.#clock.now();
      this.#next();
      if (late >= DRIFT) this.#on.woke();
    }, TICK);
  }
}
