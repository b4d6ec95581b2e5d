/**
 * Sends what is pending in threads, each thread's in the order in which it was said, and again after a failure of the way,
 * always with the same key: the server stores it once.
 */
import type { Clock } from '../heartbeat.ts';
import type { MessageFrame } from '../protocol.ts';
import { ApiError } from '../request.ts';
import type { MessageEntry, Timer } from '../types.ts';
import { firstPending, type Thread } from './thread.ts';

/** Tries of a reply that meets faults of the server. */
const TRIES = 4;
/** The pause before a reply is sent again, in milliseconds. */
const AGAIN = 1000;

type Stored = Omit<MessageFrame, 'type'>;

export interface SendsHost {
  connected: () => boolean;
  threads: () => readonly Thread[];
  post: (thread: Thread, reply: MessageEntry) => Promise<Stored>;
  stored: (root: string, reply: Stored) => void;
  failed: (root: string, clientId: string, error: ApiError) => void;
}

export class Sends {
  readonly #clock: Clock;
  readonly #host: SendsHost;
  readonly #running = new Set<string>(); // roots of threads that wait for an answer
  readonly #tries = new Map<string, number>(); // client_id -> how often the server has failed at it
  #pausedUntil = 0;
  #timer: Timer | null = null;
  #generation = 0;

  constructor(clock: Clock, host: SendsHost) {
    this.#clock = clock;
    this.#host = host;
  }

  /** pump sends what may go now. */
  pump(): void {
    if (!this.#host.connected()) return;
    const wait = this.#pausedUntil - this.#clock.now();
    if (wait > 0) {
      this.#timer ??= this.#clock.setTimeout(() => {
        this.#timer = null;
        this.pump();
      }, wait);
      return;
    }
    for (const t of this.#host.threads()) {
      const next = this.#running.has(t.id) ? undefined : firstPending(t);
      if (next) void this.#send(t, next);
    }
  }

  /** connected tries at once what would wait for its pause. */
  connected(): void {
    this.#pausedUntil = 0;
    this.pump();
  }

  /** forget ignores what is still on its way. */
  forget(): void {
    this.#generation++;
    this.#running.clear();
    this.#tries.clear();
    if (this.#timer !== null) this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #send(t: Thread, reply: MessageEntry): Promise<void> {
    const generation = this.#generation;
    this.#running.add(t.id);
    const answer = await this.#host.post(t, reply).catch((err: unknown) => err);
    if (generation !== this.#generation) return;
    this.#running.delete(t.id);
    if (!(answer instanceof Error)) {
      this.#tries.delete(reply.clientId);
      this.#host.stored(t.id, answer as Stored);
    } else this.#refused(t.id, reply.clientId, answer);
    this.pump();
  }

  #refused(root: string, clientId: string, err: Error): void {
    const problem = err instanceof ApiError ? err : new ApiError(String(err), 'internal', 0);
    const pause = this.#pauseAfter(problem, clientId);
    if (pause === null) {
      this.#tries.delete(clientId);
      this.#host.failed(root, clientId, problem);
    } else this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + pause);
  }

  /** pauseAfter is how long to wait before the same again; null: never. */
  #pauseAfter(err: ApiError, clientId: string): number | null {
    const tries = this.#tries.get(clientId) ?? 0;
    switch (err.code) {
      case 'rate_limited':
      case 'overloaded':
        return Math.min(Math.max(err.retryAfter ?? AGAIN, 50), 60_000);
      case 'network':
      case 'unknown_outcome':
        return AGAIN;
      case 'internal':
        this.#tries.set(clientId, tries + 1);
        return tries + 1 < TRIES ? AGAIN * 2 ** tries : null;
      default:
        return null;
    }
  }
}
