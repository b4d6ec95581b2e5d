/** createClient puts the parts together: what happens on the socket, over REST and on the page becomes events of the store. */
import { Api, type Learned, type RestMe, type SignedIn } from './api.ts';
import { Credentials, type Renewed } from './credentials.ts';
import type { Clock } from './heartbeat.ts';
import { History } from './history.ts';
import type { Keeper } from './keep.ts';
import { Lists } from './lists.ts';
import { Marks } from './marks.ts';
import { called, nameOf } from './names.ts';
import { Outbox } from './outbox.ts';
import { CLOSE, type Limits, type ServerFrame, type WelcomeFrame } from './protocol.ts';
import { type Event, pendingOf } from './reduce.ts';
import { ApiError, endpoint } from './request.ts';
import { Socket } from './socket.ts';
import { Store } from './store.ts';
import { Streams } from './streams.ts';
import type { Client, ClientOptions, Ended, Link, State, Timer } from './types.ts';
import { uuidv7 } from './uuid.ts';

/** After a change of password the old session's end may be heard this much later. */
const LATE_END = 5_000;

/** When one of these comes, the connection is looked at: it may be gone, or possible again. */
const networkEvents = ['online', 'offline'];

const unlimited: Limits = { content: 8000, frame: 65536, rooms: 1000, subscribe: 200, sends_open: 64 };

export function createClient(options: ClientOptions): Client {
  return new ParleyClient(options);
}

class ParleyClient implements Client {
  readonly api: Api;
  readonly link: Link;
  readonly getState: () => State;
  readonly subscribe: (listener: () => void) => () => void;
  readonly #clock: Clock;
  readonly #base: string;
  readonly #credentials: Credentials;
  readonly #store: Store;
  readonly #socket: Socket;
  readonly #streams: Streams;
  readonly #history: History;
  readonly #lists: Lists;
  readonly #outbox: Outbox;
  readonly #marks: Marks;
  readonly #keeper: Keeper | null;
  readonly #hearers = new Set<Parameters<Link['onFrame']>[0]>();
  #limits = unlimited;
  #started = false;
  #leaving = false; // signing out here
  #replacing: Promise<unknown> | null = null; // the session is being replaced by a new one

  constructor(o: ClientOptions) {
    this.#base = o.base;
    const clock = {
      now: o.now ?? (() => Date.now()),
      setTimeout: o.setTimeout ?? ((run: () => void, ms: number) => globalThis.setTimeout(run, ms)),
      clearTimeout: o.clearTimeout ?? ((timer: Timer) => globalThis.clearTimeout(timer)),
    };
    this.#clock = clock;
    this.#credentials = new Credentials(o.token);
    this.#store = new Store(clock);
    this.getState = this.#store.getState;
    this.subscribe = this.#store.subscribe;
    this.link = {
      clock,
      learned: this.#newLearned(),
      held: new Set(),
      onFrame: (listener) => {
        const entry: typeof listener = (...heard) => listener(...heard); // the same listener may come twice
        this.#hearers.add(entry);
        return () => this.#hearers.delete(entry);
      },
      apply: (change, now = true) => this.#apply({ type: 'kept', change }, now),
      send: (frame) => this.#socket.send(frame),
      others: null,
      past: null,
      jumps: new Map(),
      once: (what, room, load) => this.#history.once(what, room, load),
      begin: () => this.#begin(),
      replace: (ask) => this.#replace(ask),
    };
    this.api = this.#newApi(o);
    const getState = this.getState;
    this.#socket = new Socket({
      ...clock,
      random: o.random ?? Math.random,
      WebSocket: o.WebSocket ?? globalThis.WebSocket,
      url: () => this.#url(),
      renew: () => this.#renew(),
      frame: (f) => this.#frame(f),
      status: (status, retryAt) => this.#apply({ type: 'status', status, retryAt }, true),
      cut: () => this.#cut(),
      ended: (ended) => void this.#ended(ended),
    });
    const send = this.#socket.send.bind(this.#socket);
    this.#streams = new Streams(clock, { getState, send, dispatch: (e) => this.#apply(e) });
    this.#history = new History(clock, {
      api: this.api,
      getState,
      shown: (room) => getState().open === room || this.#held().includes(room),
      dispatch: (e, room) => this.#inRoom(e, room),
    });
    this.#lists = new Lists(clock, {
      api: this.api,
      getState,
      apply: (e) => this.#apply(e),
      listed: (room) => this.#streamsLook(room),
    });
    this.#outbox = new Outbox(clock, {
      getState,
      send,
      mine: (clientId) => this.#keeper?.sends(clientId) ?? true,
      failed: (room, clientId, error, code) => this.#apply({ type: 'failed', room, clientId, error, code }),
    });
    this.#marks = new Marks(clock, getState, send);
    this.#keeper = this.#newKeeper(o, clock);
  }

  #newKeeper(o: ClientOptions, clock: Clock): Keeper | null {
    if (!o.offline) return null;
    return o.offline({
      base: o.base,
      clock,
      getState: this.getState,
      apply: (change, rooms = []) => {
        this.#apply({ type: 'kept', change }, true);
        for (const room of rooms) {
          this.#marks.look(room);
          this.#streamsLook(room);
        }
      },
      pump: (order) => (order ? this.#outbox.adopt(order) : this.#outbox.pump()),
      signedOut: () => {
        this.#socket.stop();
        void this.#ended({ code: CLOSE.revoked, reason: 'You have been signed out.' });
      },
    });
  }

  #newLearned(): Learned {
    return {
      me: (me) => this.#learnMe(me),
      room: (room) => this.#apply({ type: 'rooms', rooms: [room] }),
      workspace: (w) =>
        this.#apply({
          type: 'workspace',
          workspace: { name: w.name, hue: w.hue, setUp: w.set_up, registration: w.registration, guests: w.guests },
        }),
      person: (p) => this.link.others?.met([p]),
    };
  }

  #newApi(o: ClientOptions): Api {
    const api = new Api(
      {
        base: o.base,
        bearer: this.#credentials.bearer,
        unauthenticated: () => {
          if (this.getState().me !== null) this.#socket.check();
          else void this.#keeper?.wipe(false); // whoever was here is signed in no more
        },
        fetch: o.fetch ?? ((...args: Parameters<typeof fetch>) => globalThis.fetch(...args)),
      },
      this.link.learned,
    );
    const { logout } = api;
    api.logout = () => this.#logout(logout);
    return api;
  }

  start(): void {
    this.#begin();
  }

  /** begin starts what start starts; false if it runs. */
  #begin(): boolean {
    if (this.#started) return false;
    this.#started = true;
    this.#leaving = false;
    for (const event of networkEvents) globalThis.addEventListener?.(event, this.#wake);
    this.#socket.start();
    void this.api.workspace().catch(() => {}); // shown when it comes; the socket tells how things stand
    void this.api.me().catch((err: unknown) => {
      if (err instanceof ApiError && err.status === 401 && this.getState().me === null) void this.#ended(null);
    });
    this.#lists.start();
    return true;
  }

  stop(): void {
    if (!this.#halt()) return;
    this.#apply({ type: 'status', status: 'disconnected', retryAt: null }, true);
  }

  /** halt stops everything that runs by itself; false if nothing did. */
  #halt(): boolean {
    if (!this.#started) return false;
    this.#started = false;
    for (const event of networkEvents) globalThis.removeEventListener?.(event, this.#wake);
    this.#socket.stop();
    this.#history.stop();
    this.#lists.stop();
    return true;
  }

  readonly #wake = (): void => this.#socket.wake();

  /** called is what a room is called now that a page may know by an older name. */
  #called(room: string): string {
    return nameOf(this.getState(), room);
  }

  #held(): string[] {
    return [...this.link.held].map((room) => this.#called(room));
  }

  async open(room: string): Promise<void> {
    const name = this.#called(room);
    this.#inRoom({ type: 'open', room: name, now: this.#clock.now() }, name, true);
    if (!this.getState().rooms[name]) {
      const told = await this.api.room(name);
      if (told.name !== name) {
        this.link.apply((state) => called(state, name, told.name));
        if (this.getState().open === name) await this.open(name);
        return;
      }
    }
    this.#streamsLook(name);
    this.#history.retry();
    const sync = this.getState().rooms[name]?.sync;
    if (sync?.paged && !sync.refill) return;
    await this.#history.newest(name);
  }

  close(): void {
    this.#apply({ type: 'open', room: null, now: this.#clock.now() }, true);
  }

  loadOlder(room: string): Promise<void> {
    return this.#history.older(this.#called(room));
  }

  async loadNewer(room: string): Promise<void> {
    return this.link.past!.newer(this.#called(room));
  }

  async jump(room: string, id: string): Promise<void> {
    return this.link.past!.jump(this.#called(room), id);
  }

  latest(room: string): void {
    const name = this.#called(room);
    this.link.jumps.delete(name);
    this.#inRoom({ type: 'latest', room: name }, name);
  }

  seen(room: string): void {
    this.#inRoom({ type: 'read', room }, room, true);
  }

  allSeen(): void {
    for (const room of this.getState().roomNames) this.seen(room);
  }

  send(room: string, content: string, quote?: string): string {
    room = this.#called(room);
    if (!this.getState().rooms[room]) throw new Error(`there is no room ${room}`);
    const now = this.#clock.now();
    const clientId = uuidv7(now);
    this.link.others?.said(room);
    this.latest(room);
    this.#apply({ type: 'send', room, clientId, content, now, ...(quote && { quote }) }, true);
    this.#enqueue(room, clientId, content);
    return clientId;
  }

  /** enqueue hands a pending message to the outbox, unless the server is known not to take it. */
  #enqueue(room: string, clientId: string, content: string): void {
    const length = [...content].length;
    const bytes = new TextEncoder().encode(
      JSON.stringify({ type: 'message', room, content, client_id: clientId }),
    ).length;
    if (length > this.#limits.content || bytes > this.#limits.frame) {
      const error = `This message is too long: ${length} characters, of at most ${this.#limits.content}. Shorten it or send it in parts.`;
      this.#apply({ type: 'failed', room, clientId, error, code: 'too_large' }, true);
      return;
    }
    this.#outbox.added(clientId);
  }

  retry(room: string, clientId: string): void {
    const failed = this.#failed(room, clientId);
    if (!failed) return;
    const now = this.#clock.now();
    const as = failed.code === 'conflict' ? uuidv7(now) : clientId;
    this.#apply({ type: 'retry', room, clientId, as, now }, true);
    this.#enqueue(room, as, failed.content);
  }

  discard(room: string, clientId: string): void {
    if (this.#failed(room, clientId)) this.#apply({ type: 'discard', room, clientId }, true);
  }

  #failed(room: string, clientId: string) {
    const list = this.getState().rooms[this.#called(room)]?.entries ?? [];
    return list.find((e) => e.kind === 'message' && e.state === 'failed' && e.clientId === clientId) as
      | { content: string; code: string | null }
      | undefined;
  }

  typing(room: string): void {
    this.link.others?.typing(this.#called(room));
  }

  stopTyping(room: string): void {
    this.link.others?.stop(this.#called(room));
  }

  setDraft(room: string, text: string): void {
    this.#apply({ type: 'draft', room, text }, true);
  }

  unsaved(): boolean {
    const waiting = Object.values(this.getState().rooms).flatMap(pendingOf);
    return waiting.some((m) => !this.#keeper?.saved(m.clientId));
  }

  setVisible(visible: boolean): void {
    const { open, visible: before } = this.getState();
    if (visible === before) return;
    this.#apply({ type: 'visible', visible, now: this.#clock.now() }, true);
    if (open !== null) this.#marks.look(open);
    if (!visible || !this.#started) return;
    if (this.getState().status === 'disconnected') this.#socket.wake();
    else if (this.#socket.open) this.#lists.seen();
  }

  refreshRooms(): Promise<void> {
    return this.#lists.rooms();
  }

  async #url(): Promise<string> {
    const bearer = this.#credentials.bearer;
    const url = endpoint(this.#base, 'ws', bearer ? { token: await bearer() } : {});
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
  }

  async #renew(): Promise<Renewed> {
    const renewed = await this.#credentials.renew(this.api);
    const { me } = this.getState();
    if (me !== null && renewed.userId !== null && renewed.userId !== me.id) {
      throw new ApiError('Somebody else has signed in with this browser.', 'unauthenticated', 401);
    }
    return renewed;
  }

  #frame(frame: ServerFrame): void {
    const now = this.#clock.now();
    const isNew = this.#take(frame, now);
    for (const tell of [...this.#hearers]) tell(frame, isNew);
  }

  /** take brings a frame into the state; true if it is the next entry of its room. */
  #take(frame: ServerFrame, now: number): boolean {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(frame, now);
        return false;
      case 'error':
        if (frame.ref === 'subscribe') {
          this.#streams.refused(frame);
          this.#outbox.changed();
        } else if (frame.ref === 'read') this.#marks.refused(frame);
        else this.#outbox.refused(frame);
        return false;
      case 'auth':
      case 'goodbye':
      case 'other':
        return false;
    }
    const at = () => this.getState().rooms[this.#called(frame.room)]?.sync.cursor;
    const before = at();
    this.#inRoom({ type: 'frame', frame, now }, frame.room);
    if (frame.type === 'room_renamed') this.#marks.connected(); // what was told of the names before says nothing now
    if (frame.type === 'room_added' && frame.kind !== 'public') void this.#lists.rooms(); // how it stands in there
    if (frame.type === 'reset') void this.#lists.rooms(); // the numbers may be others as well
    const cursor = at();
    return 'seq' in frame && cursor !== before && cursor?.seq === frame.seq;
  }

  #welcome(frame: WelcomeFrame, now: number): void {
    const { me } = this.getState();
    if (me !== null && me.id !== frame.user_id) this.#forget(); // the reducer forgets the rooms, and the keeper what is theirs
    this.#limits = frame.limits;
    this.#apply({ type: 'frame', frame, now }, true);
    this.#keeper?.identify(frame.user_id);
    this.#keeper?.online(true);
    this.#streams.connected(frame.limits);
    this.#marks.connected();
    this.#outbox.connected();
    const { open, rooms } = this.getState();
    if (open !== null && !rooms[open]) void this.open(open).catch(() => {}); // by an old name, for all that is known
    this.#history.retry(...this.#held(), ...(open === null ? [] : [open]));
    if (open !== null) this.#marks.look(open);
    this.#lists.connected();
    this.link.others?.connected();
    if (this.getState().me?.role === null) void this.api.me().catch(() => {});
  }

  #learnMe(me: RestMe): void {
    const known = this.getState().me;
    if (known !== null && known.id !== me.id) return; // an answer that was on its way when somebody else signed in
    this.#apply({
      type: 'me',
      me: {
        id: me.id,
        name: me.name,
        display: me.display,
        kind: me.kind,
        role: me.role,
        email: me.email ?? null,
        avatar: me.avatar ?? null,
      },
    });
    this.link.others?.met([me]);
    if (this.getState().status !== 'signed_out') this.#keeper?.identify(me.id);
  }

  #cut(): void {
    this.#keeper?.online(false);
    this.#streams.disconnected();
    this.#marks.disconnected();
    this.#outbox.disconnected();
    this.link.others?.disconnected();
    this.#apply({ type: 'cut' });
  }

  async #ended(ended: Ended | null): Promise<void> {
    if (this.#replacing !== null && this.#started) {
      await this.#replacing.catch(() => {});
      this.#replacing = null;
      if (this.#started) this.#socket.start();
      return;
    }
    if (!this.#halt() && this.getState().status === 'signed_out') return;
    const wiped = this.#keeper?.wipe(this.#leaving);
    if (this.#leaving) {
      this.#forget();
      this.#apply({ type: 'forget' });
    }
    this.#apply({ type: 'ended', ended: this.#leaving || this.getState().me === null ? null : ended }, true);
    await wiped;
  }

  async #logout(logout: () => Promise<void>): Promise<void> {
    this.#leaving = true;
    try {
      await logout();
    } catch (err) {
      this.#leaving = false;
      throw err;
    }
    await this.#ended(null);
  }

  /** replace lets the socket follow to the new session instead of signing out. */
  async #replace(ask: () => Promise<SignedIn>): Promise<SignedIn> {
    const asked = ask().then((answer) => {
      this.#credentials.adopt(answer);
      return answer;
    });
    this.#replacing = asked;
    asked
      .catch(() => {})
      .finally(() =>
        this.#clock.setTimeout(() => {
          if (this.#replacing === asked) this.#replacing = null;
        }, LATE_END),
      );
    return asked;
  }

  #forget(): void {
    this.#outbox.forget();
    this.#history.forget();
    this.link.jumps.clear();
    this.#lists.forget();
    this.link.others?.forget();
  }

  #apply(event: Event, now = false): void {
    this.#store.dispatch(event, now);
    this.#keeper?.changed();
  }

  /** inRoom applies an event and does what the room then needs. */
  #inRoom(event: Event, name: string, now = false): void {
    this.#apply(event, now);
    name = this.#called(name);
    if (this.getState().rooms[name]) {
      this.#streamsLook(name);
      if (this.#started) this.#history.look(name);
      this.#marks.look(name);
    }
    this.#outbox.changed();
    this.link.others?.changed();
  }

  #streamsLook(name: string): void {
    if (this.#socket.open) this.#streams.look(name);
  }
}
