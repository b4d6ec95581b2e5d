/** The storage of a browser. Tabs share it; a tab of a newer page takes it away from an older one. */
import type { KeptRoom, KeptSend } from '../keep.ts';
import { uuidv7 } from '../uuid.ts';
import { type Changes, type Kept, keepsNewer, type Storage, Wiped } from './storage.ts';

/** The version of the schema; `upgrade` knows how to come from each one before. */
export const VERSION = 1;
/** A browser that has not opened the database after this time, in milliseconds, is taken for one that has none. */
const PATIENCE = 3000;

const META = 'meta';
const SENDS = 'sends';
const ROOMS = 'rooms';
const DRAFTS = 'drafts';
const ALL = [META, SENDS, ROOMS, DRAFTS];

interface Meta {
  owner: string;
  /** Another one after each wipe, so that a tab that has not heard of it cannot write. */
  generation: string;
}

type SendRow = KeptSend & { key?: number };

export class IndexedDBStorage implements Storage {
  lost = (): void => {};
  readonly #name: string;
  readonly #factory: IDBFactory;
  readonly #version: number;
  #db: IDBDatabase | null = null;
  #generation = '';

  /** version is the schema's, but in tests. */
  constructor(name: string, factory: IDBFactory, version = VERSION) {
    this.#name = name;
    this.#factory = factory;
    this.#version = version;
  }

  async open(owner: string): Promise<Kept> {
    this.#db ??= await this.#connect();
    return this.#run(ALL, 'readwrite', async (of) => {
      let meta = await asked<Meta | undefined>(of(META).get(0));
      if (meta?.owner !== owner) {
        for (const name of ALL) of(name).clear();
        meta = { owner, generation: uuidv7(Date.now()) };
        of(META).put(meta, 0);
      }
      this.#generation = meta.generation;
      const rooms = await asked<KeptRoom[]>(of(ROOMS).getAll());
      const texts = await asked<string[]>(of(DRAFTS).getAll());
      const names = await asked<IDBValidKey[]>(of(DRAFTS).getAllKeys());
      return { rooms, drafts: Object.fromEntries(names.map((name, i) => [name as string, texts[i]!])) };
    });
  }

  sends(): Promise<readonly KeptSend[]> {
    return this.#run([META, SENDS], 'readonly', async (of) => {
      await this.#check(of(META));
      const rows = await asked<SendRow[]>(of(SENDS).getAll());
      return rows.map(({ key: _, ...send }) => send);
    });
  }

  write(changes: Changes): Promise<void> {
    const { put = [], remove = [], rooms = [], forget = [], drafts = {} } = changes;
    return this.#run(ALL, 'readwrite', async (of) => {
      await this.#check(of(META));
      const sends = of(SENDS);
      for (const send of put) {
        const key = await asked<IDBValidKey | undefined>(sends.index('clientId').getKey(send.clientId));
        sends.put(key === undefined ? { ...send } : { ...send, key });
      }
      for (const id of remove) {
        const key = await asked<IDBValidKey | undefined>(sends.index('clientId').getKey(id));
        if (key !== undefined) sends.delete(key);
      }
      for (const room of rooms) {
        const kept = await asked<KeptRoom | undefined>(of(ROOMS).get(room.name));
        if (!keepsNewer(kept, room)) of(ROOMS).put(room);
      }
      for (const name of forget) of(ROOMS).delete(name);
      for (const [room, text] of Object.entries(drafts)) {
        if (text === '') of(DRAFTS).delete(room);
        else of(DRAFTS).put(text, room);
      }
    });
  }

  async wipe(): Promise<void> {
    this.#generation = '';
    if (this.#db) {
      try {
        await this.#run(ALL, 'readwrite', async (of) => {
          for (const name of ALL) of(name).clear();
        });
        return;
      } catch {
        this.#db?.close();
        this.#db = null; // then the whole goes
      }
    }
    await late(asked(this.#factory.deleteDatabase(this.#name)));
  }

  async #connect(): Promise<IDBDatabase> {
    const request = this.#factory.open(this.#name, this.#version);
    request.onupgradeneeded = (e) => upgrade(request.result, e.oldVersion);
    let db: IDBDatabase;
    try {
      db = await late(asked(request));
    } catch (err) {
      request.onsuccess = () => request.result.close(); // it may still come
      throw err;
    }
    const gone = () => {
      db.close();
      if (this.#db !== db) return;
      this.#db = null;
      this.lost();
    };
    db.onversionchange = gone; // a newer page waits for this one to let go; or all is deleted
    db.onclose = gone;
    return db;
  }

  async #check(meta: IDBObjectStore): Promise<void> {
    const found = await asked<Meta | undefined>(meta.get(0));
    if (this.#generation === '' || found?.generation !== this.#generation) throw new Wiped();
  }

  /** run is one transaction: what run does is there as a whole, or not at all if it throws. */
  async #run<T>(
    stores: string[],
    mode: IDBTransactionMode,
    run: (of: (name: string) => IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    if (!this.#db) throw new Wiped();
    const transaction = this.#db.transaction(stores, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
    });
    done.catch(() => {}); // below
    try {
      const result = await run((name) => transaction.objectStore(name));
      await done;
      return result;
    } catch (err) {
      try {
        transaction.abort();
      } catch {
        // it has ended already
      }
      throw err;
    }
  }
}

/** upgrade brings a database of an older page to this version, with everything that is in it. */
function upgrade(db: IDBDatabase, from: number): void {
  if (from < 1) {
    db.createObjectStore(META);
    db.createObjectStore(SENDS, { keyPath: 'key', autoIncrement: true }).createIndex('clientId', 'clientId', {
      unique: true,
    });
    db.createObjectStore(ROOMS, { keyPath: 'name' });
    db.createObjectStore(DRAFTS);
  }
}

function asked<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error);
  });
}

/** late rejects where a browser never answers. */
function late<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the browser did not open its database')), PATIENCE);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
