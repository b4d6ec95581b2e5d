/**
 * How much is unread in the threads that one follows. The server counts; a reply that comes in counts at once, and the
 * server is asked soon after, so that what was deleted, read elsewhere or not followed is right as well.
 */
import type { Clock } from '../heartbeat.ts';
import type { Timer } from '../types.ts';

/** How soon after something has happened the server is asked, in milliseconds: at most about once in this time. */
const SOON = 1000;
/** The pause before it is asked again when it could not answer, in milliseconds. */
const AGAIN = 10_000;

export interface Count {
  readonly room: string;
  readonly unread: number;
}

export interface UnreadHost {
  connected: () => boolean;
  /** Asks the server; null: it could not be asked. */
  ask: () => Promise<ReadonlyMap<string, Count> | null>;
  tell: (counts: ReadonlyMap<string, Count>) => void;
}

export class Unread {
  readonly #clock: Clock;
  readonly #host: UnreadHost;
  #counts = new Map<string, Count>();
  /** Whether a thread is followed, as far as that is known: one that the server did not count after a reply is not. */
  readonly #followed = new Map<string, boolean>();
  /** Why the server is asked next. */
  readonly #why = new Set<string>();
  /** Threads that are being marked read: what the server says of them may be older. */
  readonly #marking = new Map<string, number>();
  #timer: Timer | null = null;
  #running = false;
  #generation = 0;

  constructor(clock: Clock, host: UnreadHost) {
    this.#clock = clock;
    this.#host = host;
  }

  count(root: string): number {
    return this.#counts.get(root)?.unread ?? 0;
  }

  /** replied: somebody else has said something in a thread. named: to this person, who then follows it. */
  replied(room: string, root: string, named: boolean): void {
    if (this.#followed.get(root) === false && !named) return;
    if (named) this.#followed.set(root, true);
    if (this.#followed.get(root)) this.set(room, root, this.count(root) + 1);
    this.ask(root);
  }

  /** set takes over a count of a thread that is followed. */
  set(room: string, root: string, unread: number): void {
    this.#followed.set(root, true);
    if (unread > 0) this.#counts.set(root, { room, unread });
    else if (!this.#counts.delete(root)) return;
    this.#host.tell(this.#counts);
  }

  /** follows: this person follows a thread from now on, or no more. */
  follows(room: string, root: string, following: boolean): void {
    this.set(room, root, following ? this.count(root) : 0);
    this.#followed.set(root, following);
    if (following) this.ask();
  }

  /** marking keeps the count of a thread at 0 until what it returns is called. */
  marking(room: string, root: string): () => void {
    this.#marking.set(root, (this.#marking.get(root) ?? 0) + 1);
    this.set(room, root, 0);
    return () => {
      const left = (this.#marking.get(root) ?? 1) - 1;
      if (left > 0) this.#marking.set(root, left);
      else this.#marking.delete(root);
    };
  }

  /** renamed: a room has another name now. */
  renamed(was: string, room: string): void {
    this.#counts = new Map([...this.#counts].map(([root, c]) => [root, c.room === was ? { ...c, room } : c]));
    this.#host.tell(this.#counts);
  }

  /** drop forgets the threads of rooms that are no longer there. */
  drop(gone: (room: string) => boolean): void {
    const left = [...this.#counts].filter(([, c]) => !gone(c.room));
    if (left.length === this.#counts.size) return;
    this.#counts = new Map(left);
    this.#host.tell(this.#counts);
  }

  /** ask asks the server soon. Without a connection the next one asks. */
  ask(why = '', after = SOON): void {
    this.#why.add(why);
    if (this.#running || !this.#host.connected()) return;
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = null;
      if (this.#host.connected()) void this.#ask();
    }, after);
  }

  /** now asks the server at once. */
  now(): void {
    this.stop();
    this.#why.add('');
    if (!this.#running) void this.#ask();
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  forget(): void {
    this.stop();
    this.#generation++;
    this.#running = false;
    this.#counts.clear();
    this.#followed.clear();
    this.#marking.clear();
    this.#why.clear();
    this.#host.tell(this.#counts);
  }

  async #ask(): Promise<void> {
    const generation = this.#generation;
    const why = [...this.#why];
    this.#why.clear();
    this.#running = true;
    const counts = await this.#host.ask();
    if (generation !== this.#generation) return;
    this.#running = false;
    if (counts !== null) {
      for (const root of why) if (!counts.has(root) && !this.#followed.has(root)) this.#followed.set(root, false);
      for (const root of counts.keys()) this.#followed.set(root, true);
      this.#counts = new Map([...counts].filter(([root]) => !this.#marking.has(root)));
      this.#host.tell(this.#counts);
    }
    if (counts === null) this.ask('', AGAIN);
    else if (this.#why.size > 0) this.ask();
  }
}
