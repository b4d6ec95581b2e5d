/** Loads pages of history: the newest of a room that is opened or was reset, and older ones. */
import { Alarm } from './alarm.ts';
import type { Api } from './api.ts';
import { oldestSeq } from './entries.ts';
import type { Clock } from './heartbeat.ts';
import type { Event } from './reduce.ts';
import { ApiError } from './request.ts';
import type { Room, State } from './types.ts';

/** The pause before the open room's page is asked for again, in milliseconds; it doubles up to 30 s. */
const AGAIN = 1000;

export interface HistoryHost {
  api: Pick<Api, 'messages'>;
  getState: () => State;
  /** Whether a room is on screen, or held by a part of the page. */
  shown: (room: string) => boolean;
  dispatch: (event: Event, room: string) => void;
}

/** wanting: the newest page is missing or must be read again, and there is one: not so of a room that was refused from the start. */
const wanting = ({ sync }: Room) => (!sync.paged || sync.refill) && (sync.stream !== 'refused' || sync.cursor !== null);

export class History {
  readonly #clock: Clock;
  readonly #host: HistoryHost;
  readonly #running = new Map<string, Promise<void>>(); // what is being loaded of which room
  readonly #waiting = new Set<string>(); // rooms whose newest page is asked for again after the pause
  readonly #again: Alarm;
  #failures = 0;
  #generation = 0;

  constructor(clock: Clock, host: HistoryHost) {
    this.#clock = clock;
    this.#host = host;
    this.#again = new Alarm(clock);
  }

  /** look loads the newest page of a room that is shown if it is missing or must be read again. */
  look(name: string): void {
    const room = this.#host.getState().rooms[name];
    if (!room || !this.#host.shown(name) || this.#again.on || !wanting(room)) return;
    void this.newest(name);
  }

  /** retry tries at once what would wait for its pause, and the rooms given. */
  retry(...names: string[]): void {
    const all = [...this.#waiting, ...names];
    this.stop();
    for (const name of all) this.look(name);
  }

  stop(): void {
    this.#again.off();
    this.#failures = 0;
    this.#waiting.clear();
  }

  /** forget ignores what is still on its way. */
  forget(): void {
    this.stop();
    this.#generation++;
    this.#running.clear();
  }

  /** newest loads the newest page. It never rejects: what went wrong stands in the room's loadError. */
  newest(name: string): Promise<void> {
    return this.once('newest', name, async (mine) => {
      const again = this.#host.getState().rooms[name]?.sync.paged === true;
      this.#host.dispatch({ type: 'loading', room: name, what: again ? 'again' : 'first' }, '');
      const page = await this.#host.api.messages(name, { page: 1 });
      if (!mine()) return;
      this.#host.dispatch({ type: 'page', room: name, page, before: null, now: this.#clock.now() }, '');
      const room = this.#host.getState().rooms[name];
      if (room && wanting(room)) this.#later(name);
      else this.#failures = 0;
    });
  }

  older(name: string): Promise<void> {
    const room = this.#host.getState().rooms[name];
    const shown = room?.past ?? room;
    const before = shown ? oldestSeq(shown.entries) : null;
    if (!shown?.hasOlder || before === null) return Promise.resolve();
    return this.once('older', name, async (mine) => {
      this.#host.dispatch({ type: 'loading', room: name, what: 'older' }, '');
      const page = await this.#host.api.messages(name, { before });
      if (mine()) this.#host.dispatch({ type: 'page', room: name, page, before, now: this.#clock.now() }, name);
    });
  }

  /** once does a load of a room, unless it is under way. mine tells whether what has come is still wanted. */
  once(what: 'newest' | 'older' | 'newer', name: string, load: (mine: () => boolean) => Promise<void>): Promise<void> {
    const key = `${what} ${name}`;
    const known = this.#running.get(key);
    if (known) return known;
    const generation = this.#generation;
    const mine = () => generation === this.#generation;
    const done = load(mine)
      .catch((err: unknown) => {
        if (!mine()) return;
        this.#host.dispatch(
          { type: 'load_failed', room: name, error: err instanceof ApiError ? err.message : String(err) },
          '',
        );
        if (what === 'newest') this.#later(name);
      })
      .finally(() => {
        if (!mine()) return;
        this.#running.delete(key);
        this.#host.dispatch({ type: 'tick' }, name); // let the room be looked at once more
      });
    this.#running.set(key, done);
    return done;
  }

  #later(name: string): void {
    this.#waiting.add(name);
    if (this.#again.on) return;
    this.#again.set(
      () => {
        const due = [...this.#waiting];
        this.#waiting.clear();
        for (const room of due) this.look(room);
      },
      Math.min(30_000, AGAIN * 2 ** this.#failures++),
    );
  }
}
