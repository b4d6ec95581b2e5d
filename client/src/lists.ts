/** Reads what no frame tells of: the list of rooms, which others add to. */
import { Alarm } from './alarm.ts';
import type { Api } from './api.ts';
import type { Clock } from './heartbeat.ts';
import type { Event } from './reduce.ts';
import type { State } from './types.ts';

/** How often the list of rooms is read while the page is looked at, in milliseconds. */
const ROOMS_EVERY = 30_000;
/** A page that comes into view again reads it if it is older than this. */
const ROOMS_OLD = 5_000;

export interface ListsHost {
  api: Pick<Api, 'rooms'>;
  getState: () => State;
  apply: (event: Event) => void;
  /** Called for each room of a list that has been taken in. */
  listed: (room: string) => void;
}

export class Lists {
  readonly #clock: Clock;
  readonly #host: ListsHost;
  readonly #poll: Alarm;
  #running: Promise<void> | null = null;
  #again = false;
  #roomsAt = -Infinity;
  #generation = 0;

  constructor(clock: Clock, host: ListsHost) {
    this.#clock = clock;
    this.#host = host;
    this.#poll = new Alarm(clock);
  }

  start(): void {
    this.#poll.set(() => {
      this.start();
      const { visible, status } = this.#host.getState();
      if (visible && status === 'connected') void this.rooms();
    }, ROOMS_EVERY);
  }

  /** stop ends the polling, and ignores what is still on its way. */
  stop(): void {
    this.#poll.off();
    this.forget();
  }

  forget(): void {
    this.#generation++;
    this.#running = null;
  }

  connected(): void {
    void this.rooms();
  }

  seen(): void {
    if (this.#clock.now() - this.#roomsAt > ROOMS_OLD) void this.rooms();
  }

  /** rooms reads the list of rooms. What is asked for while it is being read makes one more reading. */
  rooms(): Promise<void> {
    this.#again = this.#running !== null;
    this.#running ??= this.#read(this.#generation);
    return this.#running;
  }

  async #read(generation: number): Promise<void> {
    do {
      this.#again = false;
      this.#roomsAt = this.#clock.now();
      const rooms = await this.#host.api.rooms().catch(() => []); // the next poll or connection tries again
      if (generation !== this.#generation) return;
      this.#host.apply({ type: 'rooms', rooms });
      for (const room of rooms) this.#host.listed(room.name);
    } while (this.#again);
    this.#running = null;
  }
}
