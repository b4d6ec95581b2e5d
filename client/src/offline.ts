/** Keeps what a client needs over a reload, in the browser, and shares it between tabs. */
import type { Keeper, KeeperHost } from './keep.ts';
import { IndexedDBStorage } from './offline/indexeddb.ts';
import { StateKeeper } from './offline/keeper.ts';
import { MemoryStorage, type Storage } from './offline/storage.ts';
import { browserTabs, type Tabs } from './offline/tabs.ts';

export { IndexedDBStorage } from './offline/indexeddb.ts';
export { type Changes, type Kept, MemoryDisk, MemoryStorage, type Storage, Wiped } from './offline/storage.ts';
export { browserTabs, type Message, type Said, type Tabs } from './offline/tabs.ts';

export interface OfflineOptions {
  /** The name of the database, for a page with several clients. Left out: made of the server's URL. */
  name?: string;
  storage?: Storage;
  tabs?: Tabs;
}

/**
 * offline is what createClient takes as `offline`: what waits to be sent, the last 200 messages of each room and drafts
 * survive a reload, one tab of a browser sends for all, and they share what was read, drafts and signing out. All of it
 * is wiped when the session ends. Where the browser has no database, everything is as without it.
 */
export function offline(options: OfflineOptions = {}): (host: KeeperHost) => Keeper {
  return (host) => {
    const name = options.name ?? `parley ${host.base}`;
    const tabs = options.tabs ?? browserTabs(name);
    return new StateKeeper(host, options.storage ?? storageOf(name), tabs);
  };
}

function storageOf(name: string): Storage {
  try {
    if (globalThis.indexedDB) return new IndexedDBStorage(name, globalThis.indexedDB);
  } catch {
    // reading the property is refused where storage is switched off
  }
  return missing;
}

/** A storage that is not there. */
class Missing extends MemoryStorage {
  override open(): Promise<never> {
    return Promise.reject(new Error('it has no IndexedDB'));
  }
}
const missing = new Missing();
