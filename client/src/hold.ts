/** Keeps rooms open for parts of a page that come and go: a room stays for as long as any of them holds it. */
import type { Client, Timer } from './types.ts';
import { watchVisibility } from './visibility.ts';

/** A room that a part of the page shows. */
export interface Hold {
  /** Rejects with an ApiError if there is no such room, or it could not be asked for; it is then opened when the server tells of it. */
  readonly opened: Promise<void>;
  /** Lets the room go; a second call does nothing. */
  release(): void;
}

const holds = new WeakMap<Client, Holds>();

/**
 * hold opens a room until it is released, for parts of a page that come and go: the latest is on screen, and the others
 * stay loaded. The first starts the client and the last stops it, unless start was called; they also call setVisible.
 */
export function hold(client: Client, room: string): Hold {
  let all = holds.get(client);
  if (!all) {
    all = new Holds(client);
    holds.set(client, all);
  }
  return all.hold(room);
}

class Holds {
  readonly #client: Client;
  /** The room of each hold, the latest last: that one is on screen. */
  #held: { room: string }[] = [];
  #shown: { room: string } | null = null;
  #began = false; // the client was started for a hold, and stops with the last
  #unwatch: (() => void) | null = null;
  #settle: Timer | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  hold(room: string): Hold {
    const mine = { room };
    this.#keep([...this.#held, mine]);
    if (this.#client.link.begin()) this.#began = true;
    this.#unwatch ??= watchVisibility((visible) => this.#client.setVisible(visible));
    this.#shown = mine;
    const opened = this.#client.open(room);
    opened.catch(() => {}); // whoever wants to know has the promise
    return { opened, release: () => this.#release(mine) };
  }

  #keep(held: { room: string }[]): void {
    this.#held = held;
    this.#client.link.held = new Set(held.map((h) => h.room));
  }

  /** release waits for the end of the task: a page that goes from one room to another lets go before it takes hold. */
  #release(mine: { room: string }): void {
    if (!this.#held.includes(mine)) return;
    this.#keep(this.#held.filter((h) => h !== mine));
    this.#settle ??= this.#client.link.clock.setTimeout(() => {
      this.#settle = null;
      this.#settled();
    }, 0);
  }

  #settled(): void {
    const last = this.#held.at(-1) ?? null;
    if (last !== null) {
      if (last === this.#shown) return;
      this.#shown = last;
      this.#client.open(last.room).catch(() => {});
      return;
    }
    this.#shown = null;
    this.#unwatch?.();
    this.#unwatch = null;
    this.#client.close();
    if (this.#began) this.#client.stop();
    this.#began = false;
  }
}
