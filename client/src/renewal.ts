/** The renewal gets a fresh token before the connection's session ends. */
import { Alarm } from './alarm.ts';
import type { Renewed } from './credentials.ts';
import type { Clock } from './heartbeat.ts';
import { ApiError } from './request.ts';

/** It renews this long before the end, or after three quarters of a short life. */
const MARGIN = 60_000;
/** The pause after an attempt that failed, and the least between two. */
const AGAIN = 5_000;
/** The pause after the server did not want the attempt or the token. */
const REFUSED = 30_000;
/** Timers cannot wait longer than about 24 days. */
const LONGEST = 86_400_000;

export interface RenewalEvents {
  renew: () => Promise<Renewed>;
  renewed: (renewed: Renewed) => void;
  /** The server says that the session has ended. */
  refused: (err: ApiError) => void;
}

export class Renewal {
  readonly #clock: Clock;
  readonly #on: RenewalEvents;
  readonly #timer: Alarm;
  #busy = false;
  #running = 0; // of which start; what comes back from an earlier one is not told
  #known: { at: number; life: number } | null = null; // by this device's clock

  constructor(clock: Clock, on: RenewalEvents) {
    this.#clock = clock;
    this.#on = on;
    this.#timer = new Alarm(clock);
  }

  /** learned notes how long a fresh token is good; this is surer than a time by the server's clock. */
  learned(r: Renewed): void {
    this.#known = r.life === null ? null : { at: this.#clock.now(), life: r.life };
  }

  /** until plans the renewal for a connection that ends at a time by the server's clock; undefined: it does not end. */
  until(expires: string | undefined): void {
    this.#timer.off();
    if (expires === undefined || expires === null) return;
    const now = this.#clock.now();
    let life = Date.parse(expires) - now;
    if (this.#known !== null && now - this.#known.at < AGAIN) life = this.#known.life;
    this.#plan(Math.max(life - MARGIN, life * 0.75, life > 0 ? 0 : AGAIN));
  }

  /** now renews at once, to learn whether the session lives. */
  now(): void {
    this.#timer.off();
    void this.#renew();
  }

  stop(): void {
    this.#running++;
    this.#busy = false;
    this.#timer.off();
  }

  #plan(delay: number): void {
    this.#timer.set(() => void this.#renew(), Math.min(delay, LONGEST));
  }

  async #renew(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const run = this.#running;
    try {
      const renewed = await this.#on.renew();
      if (run !== this.#running) return;
      this.learned(renewed);
      this.#on.renewed(renewed);
      this.#timer.off();
      this.#plan(REFUSED); // unless the server's answer, auth, plans another time
    } catch (err) {
      if (run !== this.#running) return;
      if (err instanceof ApiError && err.status === 401) this.#on.refused(err);
      else this.#plan(err instanceof ApiError && err.status >= 400 && err.status < 500 ? REFUSED : AGAIN);
    } finally {
      if (run === this.#running) this.#busy = false;
    }
  }
}
