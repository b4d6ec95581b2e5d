/**
 * Where a keeper keeps: in the browser's IndexedDB, or in memory for tests. Everything belongs to one person. A
 * storage that is wiped, by whichever tab, takes nothing more until it is opened again: what is late for a sign-out is
 * refused with Wiped.
 */
import type { KeptRoom, KeptSend } from '../keep.ts';

export interface Kept {
  readonly rooms: readonly KeptRoom[];
  readonly drafts: Readonly<Record<string, string>>;
}

/** What changes at once, or not at all. */
export interface Changes {
  /** A new client_id goes to the end of the outbox; a known one stays where it is. */
  readonly put?: readonly KeptSend[];
  readonly remove?: readonly string[];
  /** A room that is kept further on already, in the same epoch, stays as it is. */
  readonly rooms?: readonly KeptRoom[];
  /** Rooms that are not this person's any more. What waits for them stays in the outbox. */
  readonly forget?: readonly string[];
  /** An empty text is none. */
  readonly drafts?: Readonly<Record<string, string>>;
}

export interface Storage {
  /** Opens for a person and returns what is kept. What belongs to anybody else is wiped first. */
  open(owner: string): Promise<Kept>;
  /** The outbox, in the order in which things were said. */
  sends(): Promise<readonly KeptSend[]>;
  write(changes: Changes): Promise<void>;
  /** Leaves nothing, also where it was never opened. */
  wipe(): Promise<void>;
  /** Called once when somebody else has taken the storage away; it then refuses everything. */
  lost: () => void;
}

/** The storage was wiped since it was opened, or was never opened. */
export class Wiped extends Error {
  constructor() {
    super('what was kept is wiped');
  }
}

/** keepsNewer: what is kept of a room is further on than what would take its place. */
export function keepsNewer(kept: KeptRoom | undefined, next: KeptRoom): boolean {
  return kept?.id === next.id && kept.cursor.epoch === next.cursor.epoch && kept.cursor.seq > next.cursor.seq;
}

/** What several memory storages share, as tabs do: make one for each browser. */
export class MemoryDisk {
  owner: string | null = null;
  generation = 0;
  sends = new Map<string, string>();
  rooms = new Map<string, string>();
  drafts = new Map<string, string>();
}

export class MemoryStorage implements Storage {
  lost = (): void => {};
  readonly #disk: MemoryDisk;
  #generation: number | null = null;

  constructor(disk = new MemoryDisk()) {
    this.#disk = disk;
  }

  async open(owner: string): Promise<Kept> {
    if (this.#disk.owner !== owner) {
      await this.wipe();
      this.#disk.owner = owner;
    }
    this.#generation = this.#disk.generation;
    return {
      rooms: [...this.#disk.rooms.values()].map((r) => JSON.parse(r) as KeptRoom),
      drafts: Object.fromEntries(this.#disk.drafts),
    };
  }

  async sends(): Promise<readonly KeptSend[]> {
    this.#check();
    return [...this.#disk.sends.values()].map((s) => JSON.parse(s) as KeptSend);
  }

  async write(changes: Changes): Promise<void> {
    this.#check();
    const { sends, rooms, drafts } = this.#disk;
    for (const s of changes.put ?? []) sends.set(s.clientId, JSON.stringify(s));
    for (const id of changes.remove ?? []) sends.delete(id);
    for (const r of changes.rooms ?? []) {
      const kept = rooms.get(r.name);
      if (!keepsNewer(kept === undefined ? undefined : (JSON.parse(kept) as KeptRoom), r))
        rooms.set(r.name, JSON.stringify(r));
    }
    for (const name of changes.forget ?? []) rooms.delete(name);
    for (const [room, text] of Object.entries(changes.drafts ?? {})) {
      if (text === '') drafts.delete(room);
      else drafts.set(room, text);
    }
  }

  async wipe(): Promise<void> {
    this.#disk.owner = null;
    this.#disk.generation++;
    for (const map of [this.#disk.sends, this.#disk.rooms, this.#disk.drafts]) map.clear();
  }

  #check(): void {
    if (this.#generation !== this.#disk.generation) throw new Wiped();
  }
}
