/** Keeps rooms open for parts of a page that come and go: a room stays for as long as any of them holds it. */
import type { Clock } from './heartbeat.ts';
import type { Hold, Timer } from './types.ts';
import { watchVisibility } from './visibility.ts';

export interface HoldsHost {
  open: (room: string) => Promise<void>;
  close: () => void;
  /** Starts the client; false if it ran already. */
  start: () => boolean;
  stop: () => void;
  visible: (visible: boolean) => void;
}

export class Holds {
  readonly #clock: Clock;
  readonly #host: HoldsHost;
  /** The room of each hold, the latest last: that one is on screen. */
  #held: { room: string }[] = [];
  #shown: { room: string } | null = null;
  #began = false; // the client was started for a hold, and stops with the last
  #unwatch: (() => void) | null = null;
  #settle: Timer | null = null;

  constructor(clock: Clock, host: HoldsHost) {
    this.#clock = clock;
    this.#host = host;
  }

  has(room: string): boolean {
    return this.#held.some((h) => h.room === room);
  }

  get rooms(): Set<string> {
    return new Set(this.#held.map((h) => h.room));
  }

  hold(room: string): Hold {
    const mine = { room };
    this.#held.push(mine);
    if (this.#host.start()) this.#began = true;
    this.#unwatch ??= watchVisibility(this.#host.visible);
    this.#shown = mine;
    const opened = this.#host.open(room);
    opened.catch(() => {}); // whoever wants to know has the promise
    return { opened, release: () => this.#release(mine) };
  }

  /** release waits for the end of the task: a page that goes from one room to another lets go before it takes hold. */
  #release(mine: { room: string }): void {
    if (!this.#held.includes(mine)) return;
    this.#held = this.#held.filter((h) => h !== mine);
    this.#settle ??= this.#clock.setTimeout(() => {
      this.#settle = null;
      this.#settled();
    }, 0);
  }

  #settled(): void {
    const last = this.#held.at(-1) ?? null;
    if (last !== null) {
      if (last === this.#shown) return;
      this.#shown = last;
      this.#host.open(last.room).catch(() => {});
      return;
    }
    this.#shown = null;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#host.close();
    if (this.#began) this.#host.stop();
    this.#began = false;
  }
}
