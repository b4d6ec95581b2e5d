/**
 * The one socket: it connects, connects again with growing pauses, notices a connection that is open by name only,
 * and renews the session before it ends. What the frames mean is not its business.
 */
import { Alarm } from './alarm.ts';
import { Backoff, GOOD_LIFE } from './backoff.ts';
import type { Renewed } from './credentials.ts';
import { Heartbeat } from './heartbeat.ts';
import { CLOSE, type ClientFrame, PROTOCOL, parseFrame, type ServerFrame } from './protocol.ts';
import { Renewal } from './renewal.ts';
import { ApiError } from './request.ts';
import type { ClientOptions, Ended, Timer } from './types.ts';

/** An attempt that has not brought welcome after this time has failed. */
const CONNECT_TIME = 15_000;
/** goodbye and errors may ask for a pause of at most this. */
const LONGEST_PAUSE = 60_000;

export interface SocketOptions {
  WebSocket: NonNullable<ClientOptions['WebSocket']>;
  now: () => number;
  random: () => number;
  setTimeout: (run: () => void, ms: number) => Timer;
  clearTimeout: (timer: Timer) => void;
  /** The address to connect to, with a token if one is used. */
  url: () => Promise<string>;
  renew: () => Promise<Renewed>;
  /** A frame of the connection that is open; the first of each is welcome. */
  frame: (frame: ServerFrame) => void;
  status: (status: 'connecting' | 'disconnected', retryAt: number | null) => void;
  /** A connection that had said welcome is gone. */
  cut: () => void;
  ended: (ended: Ended) => void;
}

export class Socket {
  readonly #o: SocketOptions;
  readonly #backoff: Backoff;
  readonly #heartbeat: Heartbeat;
  readonly #renewal: Renewal;
  #running = false;
  #attempt = 0; // numbers attempts, so that what comes late from one before is known as that
  #ws: WebSocket | null = null;
  #welcomedAt: number | null = null;
  readonly #timer: Alarm; // the pause, or the limit of an attempt
  #waiting = false;
  #stale = false; // the session must be renewed before the next attempt
  #pause: number | null = null; // what goodbye asked for
  #warned = false;

  constructor(options: SocketOptions) {
    this.#o = options;
    this.#timer = new Alarm(options);
    this.#backoff = new Backoff(options.random);
    this.#heartbeat = new Heartbeat(options, {
      probe: () => this.send({ type: 'ping' }),
      dead: () => this.#lost(0, true),
      woke: () => this.wake(),
    });
    this.#renewal = new Renewal(options, {
      renew: options.renew,
      renewed: (r) => this.send({ type: 'auth', token: r.token }),
      refused: (err) => this.#end({ code: 401, reason: err.message }),
    });
  }

  /** Whether frames can be sent. */
  get open(): boolean {
    return this.#welcomedAt !== null;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#heartbeat.start();
    this.#backoff.reset();
    this.#stale = false;
    void this.#connect();
  }

  stop(): void {
    this.#running = false;
    this.#heartbeat.stop();
    this.#drop();
  }

  /** send gives a frame to the connection; false if there is none. */
  send(frame: ClientFrame): boolean {
    if (!this.#ws || this.#welcomedAt === null || this.#ws.readyState !== 1) return false;
    this.#ws.send(JSON.stringify(frame));
    return true;
  }

  /** wake is called when the network or the device may have come back: it checks or connects at once. */
  wake(): void {
    if (!this.#running) return;
    if (this.#waiting) void this.#connect();
    else if (this.open) this.#heartbeat.probe();
  }

  /** check asks whether the session still lives, after a request was told that it does not. */
  check(): void {
    if (this.#running) this.#renewal.now();
  }

  async #connect(): Promise<void> {
    this.#drop();
    const attempt = ++this.#attempt;
    this.#o.status('connecting', null);
    this.#timer.set(() => attempt === this.#attempt && this.#lost(0), CONNECT_TIME);
    try {
      if (this.#stale) {
        await this.#freshen();
        if (attempt !== this.#attempt) return;
        this.#stale = false;
      }
      const url = await this.#o.url();
      if (attempt !== this.#attempt) return;
      const ws = new this.#o.WebSocket(url, [PROTOCOL]);
      this.#ws = ws;
      ws.onmessage = (e) => attempt === this.#attempt && this.#heard(e.data);
      ws.onclose = (e) => attempt === this.#attempt && this.#closed(e.code, e.reason);
      ws.onerror = () => {}; // close follows
    } catch (err) {
      if (attempt !== this.#attempt) return;
      if (err instanceof ApiError && err.status === 401) this.#end({ code: 401, reason: err.message });
      else this.#lost(err instanceof ApiError ? (err.retryAfter ?? 0) : 0);
    }
  }

  /** freshen renews the session. A server that has no such route may still take the socket. */
  async #freshen(): Promise<void> {
    try {
      this.#renewal.learned(await this.#o.renew());
    } catch (err) {
      const refused = err instanceof ApiError && err.status >= 400 && err.status < 500;
      if (!refused || err.status === 401 || err.status === 429) throw err;
    }
  }

  #heard(data: unknown): void {
    this.#heartbeat.heard();
    const frame = parseFrame(data);
    if (frame === 'malformed') this.#warn(data);
    if (typeof frame === 'string') return;
    if (this.#welcomedAt === null) {
      if (frame.type !== 'welcome') return;
      this.#timer.off();
      this.#welcomedAt = this.#o.now();
      this.#heartbeat.connected();
    }
    if (frame.type === 'welcome' || frame.type === 'auth') this.#renewal.until(frame.expires_at);
    if (frame.type === 'goodbye') this.#pause = Math.min(frame.reconnect_after, LONGEST_PAUSE);
    this.#o.frame(frame);
  }

  #warn(data: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    console.warn(
      'parley: what is not a frame is ignored, and so are further ones',
      typeof data === 'string' ? data.slice(0, 200) : data,
    );
  }

  #closed(code: number, reason: string): void {
    if (code === CLOSE.expired) this.#stale = true;
    if (code === CLOSE.revoked) this.#end({ code, reason: reason || 'You have been signed out.' });
    else if (code === CLOSE.away && this.#pause !== null) this.#lost(this.#pause, true);
    else this.#lost(0, code === CLOSE.expired || code === CLOSE.idle);
  }

  /**
   * lost gives the connection or attempt up and plans the next: after least milliseconds or the usual pause, whichever
   * is longer; exactly after least if exact, unless connections keep failing.
   */
  #lost(least: number, exact = false): void {
    const lived = this.#welcomedAt === null ? 0 : this.#o.now() - this.#welcomedAt;
    if (this.#welcomedAt === null) this.#stale = true; // perhaps a 401, which a page cannot see
    if (lived >= GOOD_LIFE) this.#backoff.reset();
    const usual = exact && this.#backoff.fresh && this.#welcomedAt !== null ? 0 : this.#backoff.next();
    if (exact && usual === 0) this.#backoff.next(); // the next one waits
    this.#drop();
    const pause = Math.max(usual, Math.min(least, LONGEST_PAUSE));
    this.#waiting = true;
    this.#timer.set(() => void this.#connect(), pause);
    this.#o.status('disconnected', this.#o.now() + pause);
  }

  /** drop forgets the connection, the attempt or the pause. */
  #drop(): void {
    this.#attempt++;
    this.#timer.off();
    this.#waiting = false;
    this.#pause = null;
    this.#heartbeat.disconnected();
    this.#renewal.stop();
    const ws = this.#ws;
    this.#ws = null;
    if (ws) {
      ws.onmessage = ws.onclose = null;
      ws.onerror = () => {};
      try {
        ws.close();
      } catch {
        // it was closed already
      }
    }
    if (this.#welcomedAt !== null) {
      this.#welcomedAt = null;
      this.#o.cut();
    }
  }

  #end(ended: Ended): void {
    this.stop();
    this.#o.ended(ended);
  }
}
