/**
 * The heartbeat notices a connection that is open by name only, and a device that was asleep. A page cannot see pings
 * of the server, so after a silence it asks: a frame of the type "ping", which no server knows and each answers
 * with an `error` frame at once, without a look at any room.
 */
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
  #tick: Timer | null = null;
  #ticked = 0;
  #silence: Timer | null = null;
  #answer: Timer | null = null;
  #up = false;

  constructor(clock: Clock, on: HeartbeatEvents) {
    this.#clock = clock;
    this.#on = on;
  }

  start(): void {
    this.#ticked = this.#clock.now();
    this.#next();
  }

  stop(): void {
    this.#tick = this.#off(this.#tick);
    this.disconnected();
  }

  connected(): void {
    this.#up = true;
    this.heard();
  }

  disconnected(): void {
    this.#up = false;
    this.#silence = this.#off(this.#silence);
    this.#answer = this.#off(this.#answer);
  }

  /** heard is called with everything that the server sends. */
  heard(): void {
    if (!this.#up) return;
    this.#answer = this.#off(this.#answer);
    this.#silence = this.#off(this.#silence);
    this.#silence = this.#clock.setTimeout(() => this.probe(), SILENCE);
  }

  /** probe asks now. */
  probe(): void {
    if (!this.#up || this.#answer !== null) return;
    this.#silence = this.#off(this.#silence);
    this.#answer = this.#clock.setTimeout(() => this.#on.dead(), ANSWER_TIME);
    this.#on.probe();
  }

  #next(): void {
    this.#tick = this.#clock.setTimeout(() => {
      const late = this.#clock.now() - this.#ticked - TICK;
      this.#ticked = this.#clock.now();
      this.#next();
      if (late >= DRIFT) this.#on.woke();
    }, TICK);
  }

  #off(timer: Timer | null): null {
    if (timer !== null) this.#clock.clearTimeout(timer);
    return null;
  }
}
