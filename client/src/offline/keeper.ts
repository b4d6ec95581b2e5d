/**
 * Keeps a client's state and shares it between tabs. It compares the state after each change with what it has stored,
 * so that nobody has to tell it what happened, and does one thing after the other on its storage. When the storage
 * fails, the client goes on as one without a keeper: it then sends everything itself, which is right beside other tabs
 * too, as a client_id is stored once.
 */
import { tailStart } from '../entries.ts';
import type { Keeper, KeeperHost, KeptRoom, KeptSend, Settled } from '../keep.ts';
import { drafted } from '../reduce.ts';
import type { Entry, MessageEntry, Room, State, Timer } from '../types.ts';
import { uuidv7 } from '../uuid.ts';
import { outbox, restore, roomOf, seen, settledElsewhere } from './kept.ts';
import { type Changes, type Storage, Wiped } from './storage.ts';
import type { Said, Tabs } from './tabs.ts';

/** Entries that are kept of a room. */
export const KEPT = 200;
/** Rooms are stored at most this often, in milliseconds. */
const SAVE_EVERY = 1000;
/** A message that the sending tab has not had stored after this time is sent by the tab it was said in. */
const PATIENCE = 5000;

/** What is known here of a message that waits. */
interface Waiting {
  readonly send: KeptSend;
  /** stored: it is in the storage as it is here. */
  stored: boolean;
}

type Phase =
  /** Nobody is known to be signed in. */
  | 'idle'
  | 'loading'
  | 'on'
  /** Nothing is kept: the storage failed, or the session has ended. */
  | 'off';

export class StateKeeper implements Keeper {
  readonly #host: KeeperHost;
  readonly #storage: Storage;
  readonly #tabs: Tabs;
  readonly #id = uuidv7(Date.now());
  #phase: Phase = 'idle';
  #owner = '';
  #life = 0; // counts owners and wipes: what was begun for one before does nothing more
  #chain: Promise<unknown> = Promise.resolve();
  #seen: State;
  readonly #waiting = new Map<string, Waiting>();
  readonly #gone = new Set<string>(); // settled or discarded here: no reading brings them back
  readonly #dirty = new Set<string>(); // rooms to be stored
  #written: Record<string, string> = {}; // drafts to be stored
  readonly #newer = new Set<string>(); // rooms whose drafts changed while the storage was being read
  #save: Timer | null = null;
  #online = false;
  #turn: (() => void) | null = null;
  #mine = false; // this tab sends
  #patience: Timer | null = null;
  #late = false; // the tab whose turn it is has not sent what was said here
  #applying = false;

  constructor(host: KeeperHost, storage: Storage, tabs: Tabs) {
    this.#host = host;
    this.#storage = storage;
    this.#tabs = tabs;
    this.#seen = host.getState();
    storage.lost = () => this.#off();
    tabs.heard = (m) => m.from !== this.#id && m.owner === this.#owner && this.#heard(m);
  }

  identify(userId: string): void {
    if (userId === this.#owner) return;
    this.#owner = userId;
    this.#forget();
    this.#phase = 'loading';
    const life = this.#life;
    void this.#then(async () => {
      if (life !== this.#life) return;
      const kept = await this.#storage.open(userId);
      if (life !== this.#life) return;
      this.#phase = 'on';
      const { drafts } = this.#host.getState();
      this.#quietly(() => {
        this.#host.apply(
          (s) => restore(s, kept.rooms),
          kept.rooms.map((r) => r.name),
        );
        for (const [room, text] of Object.entries(kept.drafts))
          if (!drafts[room] && !this.#newer.has(room)) this.#host.apply((s) => drafted(s, room, text));
      });
      this.#newer.clear();
      await this.#reconcile(life);
      this.#queue();
    });
    this.#patience = this.#host.clock.setTimeout(() => {
      if (life === this.#life && this.#phase === 'loading') this.#off(); // it hangs: what is said must not wait for it
    }, PATIENCE);
  }

  online(up: boolean): void {
    this.#online = up;
    this.#queue();
  }

  sends(clientId: string): boolean {
    if (this.#phase === 'loading') return false;
    return this.#phase !== 'on' || this.#mine || (this.#waiting.has(clientId) && this.#late);
  }

  saved(clientId: string): boolean {
    return this.#phase === 'on' && this.#waiting.get(clientId)?.stored === true;
  }

  changed(): void {
    if (this.#applying) return;
    if (this.#phase === 'on') this.#look();
    else if (this.#phase === 'loading') this.#typed();
  }

  /** typed notes the drafts that change before the stored ones are known: one that was sent meanwhile must not come back. */
  #typed(): void {
    const before = this.#seen;
    const { drafts } = this.#host.getState();
    if (drafts === before.drafts) return;
    this.#seen = { ...before, drafts };
    for (const room of this.#drafts(before.drafts, drafts)) this.#newer.add(room);
  }

  /** told takes over another tab's draft before the stored ones are known, which may be of before it. */
  #told(room: string, text: string): void {
    this.#typed();
    this.#apply(() => this.#host.apply((s) => drafted(s, room, text)));
    this.#seen = { ...this.#seen, drafts: this.#host.getState().drafts };
    this.#newer.add(room);
  }

  async wipe(told: boolean): Promise<void> {
    if (told) this.#say({ type: 'signed_out' });
    this.#forget();
    this.#owner = '';
    this.#phase = 'off';
    let timer: Timer | null = null;
    const late = new Promise<void>((resolve) => {
      timer = this.#host.clock.setTimeout(resolve, PATIENCE); // signing out does not wait for a storage that hangs
    });
    await Promise.race([this.#then(() => this.#storage.wipe()), late]);
    this.#stop(timer);
  }

  #say(said: Said): void {
    this.#tabs.say({ ...said, from: this.#id, owner: this.#owner });
  }

  /** then does one thing after the others. A storage that fails is given up; one that was wiped is not written to. */
  #then(run: () => Promise<void>): Promise<void> {
    const life = this.#life;
    const next = this.#chain.then(run).catch((err: unknown) => {
      if (life === this.#life && this.#phase !== 'idle') this.#off();
      if (!(err instanceof Wiped)) console.warn('parley: this browser keeps nothing', err);
    });
    this.#chain = next;
    return next;
  }

  #forget(): void {
    this.#life++;
    this.#waiting.clear();
    this.#gone.clear();
    this.#dirty.clear();
    this.#written = {};
    this.#newer.clear();
    this.#save = this.#stop(this.#save);
    this.#pass();
  }

  /** off goes on without a storage. */
  #off(): void {
    this.#forget();
    this.#phase = 'off';
    this.#chain = Promise.resolve(); // what hangs in it is of a life before
    this.#host.pump();
  }

  #apply(run: () => void): void {
    this.#applying = true;
    try {
      run();
    } finally {
      this.#applying = false;
    }
  }

  /** look compares the state with the one before and stores what is new. */
  #look(): void {
    const before = this.#seen;
    const now = this.#host.getState();
    if (now === before) return;
    this.#seen = now;
    if (now.drafts !== before.drafts) this.#drafts(before.drafts, now.drafts);
    if (now.rooms === before.rooms) return;
    const changed = Object.values(now.rooms).filter((room) => room !== before.rooms[room.name]);
    const ids = new Set(changed.map((room) => room.id));
    const left = new Map([...this.#waiting].filter(([, w]) => ids.has(w.send.roomId ?? '')));
    const put: KeptSend[] = [];
    for (const room of changed) {
      for (const m of tailOf(room)) {
        left.delete(m.clientId);
        const known = this.#waiting.get(m.clientId);
        if (known && known.send.state === m.state && known.send.code === m.code) continue;
        const send = sendOf(room, m);
        this.#waiting.set(m.clientId, { send, stored: false });
        put.push(send);
      }
      this.#listed(before.rooms[room.name], room);
    }
    const settled = [...left.values()].map((w) => this.#settled(now, w.send)).filter((s) => s !== null);
    for (const id of left.keys()) {
      this.#waiting.delete(id);
      this.#gone.add(id);
    }
    const known = (room: Room | undefined) => room !== undefined && room.sync.cursor !== null;
    const forget = Object.keys(before.rooms).filter((name) => known(before.rooms[name]) && !known(now.rooms[name]));
    if (put.length + left.size + forget.length > 0) this.#store({ put, remove: [...left.keys()], forget }, settled);
    if (changed.some((room) => !before.rooms[room.name])) this.#refresh(); // something may wait for a room that is new
    if (this.#dirty.size > 0) this.#save ??= this.#host.clock.setTimeout(() => this.#saveRooms(), SAVE_EVERY);
  }

  /** listed notes what has changed of a room besides what waits in it. */
  #listed(old: Room | undefined, room: Room): void {
    const { mark, cursor } = room.sync;
    if (old && room.readN > old.readN && mark !== null) this.#say({ type: 'seen', room: room.name, n: room.readN });
    if (
      old?.entries !== room.entries ||
      old.sync.cursor !== cursor ||
      old.readN !== room.readN ||
      old.sync.mark !== mark
    )
      this.#dirty.add(room.name);
  }

  /** settled is where a message was stored; null if that is not known here, or it was taken off the list. */
  #settled(state: State, send: KeptSend): Settled | null {
    const list = roomOf(state, send)?.entries ?? [];
    for (let i = list.length - 1; i >= 0; i--) {
      const e = list[i]!;
      if (e.kind !== 'message' || e.clientId !== send.clientId || e.id === null) continue;
      return { room: send.room, clientId: e.clientId, id: e.id, seq: e.seq!, n: e.n!, html: e.html, time: e.time };
    }
    return null;
  }

  /** drafts stores those that changed, and tells other tabs of them; it returns their rooms. */
  #drafts(before: State['drafts'], now: State['drafts']): string[] {
    const drafts: Record<string, string> = {};
    for (const room of new Set([...Object.keys(before), ...Object.keys(now)]))
      if (before[room] !== now[room]) drafts[room] = now[room] ?? '';
    const first = Object.keys(this.#written).length === 0;
    Object.assign(this.#written, drafts);
    if (first) void this.#then(() => this.#saveDrafts());
    for (const [room, text] of Object.entries(drafts)) this.#say({ type: 'draft', room, text });
    return Object.keys(drafts);
  }

  async #saveDrafts(): Promise<void> {
    const drafts = this.#written;
    this.#written = {};
    if (this.#phase === 'on') await this.#storage.write({ drafts });
  }

  #store(changes: Changes, settled: readonly Settled[]): void {
    const life = this.#life;
    void this.#then(async () => {
      if (life !== this.#life || this.#phase !== 'on') return;
      await this.#storage.write(changes);
      if (life !== this.#life) return;
      for (const send of changes.put ?? []) {
        const w = this.#waiting.get(send.clientId);
        if (w?.send === send) w.stored = true;
      }
      for (const id of changes.remove ?? []) this.#gone.delete(id);
      this.#say({ type: 'outbox', settled });
      this.#wait();
    });
  }

  #saveRooms(): void {
    this.#save = null;
    const { rooms } = this.#host.getState();
    const kept = [...this.#dirty].map((name) => keptOf(rooms[name])).filter((r) => r !== null);
    this.#dirty.clear();
    if (this.#phase === 'on' && kept.length > 0) void this.#then(() => this.#storage.write({ rooms: kept }));
  }

  #heard(said: Said): void {
    if (this.#phase === 'loading' && said.type === 'draft') this.#told(said.room, said.text);
    if (this.#phase !== 'on' && said.type !== 'signed_out') return;
    switch (said.type) {
      case 'signed_out':
        this.#host.signedOut();
        return;
      case 'seen':
        this.#quietly(() => this.#host.apply((s) => seen(s, said.room, said.n), [said.room]));
        return;
      case 'draft':
        this.#quietly(() => this.#host.apply((s) => drafted(s, said.room, said.text)));
        return;
      case 'outbox': {
        const life = this.#life;
        void this.#then(async () => {
          if (life !== this.#life || this.#phase !== 'on') return;
          this.#apply(() => {
            for (const settled of said.settled) this.#host.apply((s) => settledElsewhere(s, settled));
          });
          await this.#reconcile(life);
        });
      }
    }
  }

  /** quietly applies what another tab has said: it is stored already, and nobody is to be told again. */
  #quietly(run: () => void): void {
    this.#look();
    this.#apply(run);
    this.#seen = this.#host.getState();
  }

  #refresh(): void {
    const life = this.#life;
    void this.#then(() => this.#reconcile(life));
  }

  /** reconcile takes over the outbox as it is stored. What was said here and is not stored yet stays. */
  async #reconcile(life: number): Promise<void> {
    if (life !== this.#life || this.#phase !== 'on') return;
    const sends = (await this.#storage.sends()).filter((s) => !this.#gone.has(s.clientId));
    if (life !== this.#life) return;
    this.#look(); // what happened meanwhile happened before
    const open = sends.filter((s) => !this.#gone.has(s.clientId));
    const known = new Set([...this.#waiting].filter(([, w]) => !w.stored).map(([id]) => id));
    this.#apply(() => this.#host.apply((s) => outbox(s, open, known)));
    const state = this.#host.getState();
    const done: string[] = [];
    for (const [id, w] of this.#waiting) if (w.stored) this.#waiting.delete(id);
    for (const send of open) {
      const room = roomOf(state, send);
      if (!room || known.has(send.clientId)) continue;
      if (tailOf(room).some((m) => m.clientId === send.clientId))
        this.#waiting.set(send.clientId, { send: { ...send, roomId: room.id }, stored: true });
      else done.push(send.clientId); // the list has it as stored
    }
    this.#seen = this.#host.getState();
    if (done.length > 0) this.#store({ remove: done }, []);
    this.#host.pump(open.filter((s) => s.state === 'pending' && roomOf(state, s)));
    this.#wait();
  }

  /** queue asks for the turn while there is a connection, and gives it back with it: another tab may have one. */
  #queue(): void {
    if (this.#phase === 'loading') return;
    if (!this.#online || this.#phase !== 'on') {
      this.#pass();
      return;
    }
    if (this.#turn !== null) return;
    const life = this.#life;
    const release = this.#tabs.turn(() => {
      void this.#then(async () => {
        if (life !== this.#life || this.#turn !== release) return;
        this.#mine = true;
        await this.#reconcile(life);
      });
    });
    this.#turn = release;
  }

  #pass(): void {
    this.#turn?.();
    this.#turn = null;
    this.#mine = false;
    this.#late = false;
    this.#patience = this.#stop(this.#patience);
  }

  /** wait looks after a while whether the tab whose turn it is has sent what was said here. */
  #wait(): void {
    if (this.#mine || !this.#online || this.#waiting.size === 0) {
      this.#patience = this.#stop(this.#patience);
      if (this.#waiting.size === 0) this.#late = false;
      return;
    }
    this.#patience ??= this.#host.clock.setTimeout(() => {
      this.#patience = null;
      this.#late = true;
      this.#host.pump();
    }, PATIENCE);
  }

  #stop(timer: Timer | null): null {
    if (timer !== null) this.#host.clock.clearTimeout(timer);
    return null;
  }
}

function tailOf(room: Room): MessageEntry[] {
  return room.entries.slice(tailStart(room.entries)) as MessageEntry[];
}

function sendOf({ name: room, id: roomId }: Room, m: MessageEntry): KeptSend {
  const { clientId, content, quote, time, error, code } = m;
  const state = m.state === 'failed' ? 'failed' : 'pending';
  return { clientId, room, roomId, content, time, state, error, code, ...(quote && { quote }) };
}

/** keptOf is the end of a room's list; null where it does not hang together, or nothing is known of it. */
export function keptOf(room: Room | undefined): KeptRoom | null {
  if (!room?.sync.paged || room.sync.refill || room.sync.cursor === null) return null;
  const all = room.entries
    .slice(-2 * KEPT)
    .filter((e): e is Entry & { seq: number } => e.seq !== null && (e.kind === 'notice' || e.state === 'sent'));
  const { id, name, topic, kind, role, readOnly, slowMode, history, people, archived } = room;
  const { lastN, readN, readVersion, sync } = room;
  return {
    id,
    name,
    topic,
    kind,
    role,
    readOnly,
    slowMode,
    history,
    people,
    archived,
    cursor: sync.cursor!,
    entries: all.slice(-KEPT),
    hasOlder: room.hasOlder || all.length > KEPT || room.entries.length > 2 * KEPT,
    lastN,
    readN,
    readVersion,
    serverReadN: sync.serverReadN,
    mark: sync.mark,
  };
}
