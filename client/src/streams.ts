/** Sees to it that each room's stream runs: subscribes to new rooms, and again where an entry is missing. */
import { Alarm } from './alarm.ts';
import type { Clock } from './heartbeat.ts';
import type { ClientFrame, ErrorFrame, Limits, RoomPosition } from './protocol.ts';
import type { Event } from './reduce.ts';
import type { Room, State } from './types.ts';

/** Between two subscribes to the same room, in milliseconds: a stream that never fits must not become a storm. */
const PACE = 1000;

export interface StreamsHost {
  getState: () => State;
  dispatch: (event: Event) => void;
  send: (frame: ClientFrame) => boolean;
}

export class Streams {
  readonly #clock: Clock;
  readonly #host: StreamsHost;
  readonly #asked = new Map<string, number>(); // room -> when it was last asked for
  readonly #due = new Map<string, number>();
  readonly #timer: Alarm;
  #limits: Pick<Limits, 'rooms' | 'subscribe'> = { rooms: 1000, subscribe: 200 };

  constructor(clock: Clock, host: StreamsHost) {
    this.#clock = clock;
    this.#host = host;
    this.#timer = new Alarm(clock);
  }

  /** connected subscribes to all rooms that welcome has told of, with their cursors. */
  connected(limits: Limits): void {
    this.disconnected();
    this.#limits = { rooms: limits.rooms, subscribe: Math.max(1, limits.subscribe) };
    const { rooms } = this.#host.getState();
    this.#ask(Object.keys(rooms).filter((name) => rooms[name]!.sync.stream === 'off'));
  }

  disconnected(): void {
    this.#timer.off();
    this.#asked.clear();
    this.#due.clear();
  }

  /** look is called when a room may need its stream. */
  look(name: string): void {
    const stream = this.#host.getState().rooms[name]?.sync.stream;
    if (this.#due.has(name)) return;
    if (stream === 'off' || stream === 'gap') this.#at(name, (this.#asked.get(name) ?? -Infinity) + PACE);
    else if (stream === 'removed') this.#at(name, this.#clock.now() + PACE);
  }

  /** refused takes an error frame that answers a subscribe. */
  refused(frame: ErrorFrame): void {
    const { rooms } = this.#host.getState();
    const asked =
      frame.room === undefined
        ? Object.keys(rooms).filter((name) => rooms[name]!.sync.stream === 'asked')
        : [frame.room];
    if (frame.code === 'not_found' || frame.code === 'forbidden') {
      for (const room of asked)
        this.#host.dispatch(
          frame.room === undefined ? { type: 'stream', rooms: [room], stream: 'refused' } : { type: 'gone', room },
        );
      return;
    }
    const again = ['rate_limited', 'overloaded', 'internal', 'unknown_outcome'].includes(frame.code);
    this.#host.dispatch({ type: 'stream', rooms: asked, stream: again ? 'off' : 'refused' });
    const pause = Math.min(Math.max(frame.retry_after ?? 2 * PACE, 50), 60_000);
    if (again) for (const room of asked) this.#at(room, this.#clock.now() + pause);
  }

  #at(room: string, time: number): void {
    this.#due.set(room, time);
    this.#flush();
  }

  #flush(): void {
    const now = this.#clock.now();
    const ready = [...this.#due].filter(([, at]) => at <= now).map(([room]) => room);
    for (const room of ready) this.#due.delete(room);
    if (ready.length > 0) this.#ask(ready);
    const next = Math.min(...this.#due.values());
    if (next === Infinity) this.#timer.off();
    else this.#timer.set(() => this.#flush(), next - now);
  }

  #ask(names: string[]): void {
    const { rooms } = this.#host.getState();
    const held = Object.values(rooms).filter(
      (r) => r.sync.stream === 'asked' || r.sync.stream === 'live' || r.sync.stream === 'gap',
    ).length;
    const begun = (name: string) => rooms[name]!.sync.stream !== 'off';
    let free = Math.max(0, this.#limits.rooms - held);
    const wanted = names.filter((name) => rooms[name] && (begun(name) || free-- > 0));
    for (let i = 0; i < wanted.length; i += this.#limits.subscribe) {
      const part = wanted.slice(i, i + this.#limits.subscribe);
      if (!this.#host.send({ type: 'subscribe', rooms: part.map((name) => position(rooms[name]!)) })) return;
      for (const name of part) this.#asked.set(name, this.#clock.now());
      this.#host.dispatch({ type: 'stream', rooms: part, stream: 'asked' });
    }
  }
}

function position(room: Room): RoomPosition {
  const { cursor } = room.sync;
  if (cursor === null) return { room: room.name };
  return {
    room: room.name,
    epoch: cursor.epoch,
    seq: cursor.seq,
    ...(cursor.id !== null && cursor.seq > 0 ? { id: cursor.id } : {}),
  };
}
