/** One contract for what is kept in memory and in IndexedDB. */
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import type { KeptRoom, KeptSend } from '../src/keep.ts';
import { IndexedDBStorage, MemoryDisk, MemoryStorage, type Storage, Wiped } from '../src/offline.ts';

const send = (clientId: string, over: Partial<KeptSend> = {}): KeptSend => ({
  clientId,
  room: 'general',
  content: `text of ${clientId}`,
  time: 1,
  state: 'pending',
  error: null,
  code: null,
  ...over,
});

const room = (seq: number, over: Partial<KeptRoom> = {}): KeptRoom => ({
  id: 'r-general',
  name: 'general',
  topic: '',
  kind: 'public',
  archived: false,
  cursor: { epoch: 'e', seq, id: null },
  entries: [],
  hasOlder: false,
  lastN: seq,
  readN: 0,
  readVersion: 0,
  serverReadN: 0,
  mark: null,
  ...over,
});

/** content is all text that a database holds. */
async function content(factory: IDBFactory): Promise<string> {
  let all = '';
  for (const { name } of await factory.databases()) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = factory.open(name!);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of db.objectStoreNames) {
      const rows = db.transaction(store).objectStore(store).getAll();
      all += await new Promise<string>((resolve) => {
        rows.onsuccess = () => resolve(rows.result.length > 0 ? JSON.stringify(rows.result) : '');
      });
    }
    db.close();
  }
  return all;
}

const kinds: Record<string, () => { tab: () => Storage; left: () => Promise<string> }> = {
  memory: () => {
    const disk = new MemoryDisk();
    return {
      tab: () => new MemoryStorage(disk),
      left: async () => [...disk.sends.values(), ...disk.rooms.values(), ...disk.drafts.values()].join(''),
    };
  },
  IndexedDB: () => {
    const factory = new IDBFactory();
    return { tab: () => new IndexedDBStorage('parley', factory), left: () => content(factory) };
  },
};

describe.each(Object.entries(kinds))('%s', (_, browser) => {
  test('keeps the outbox in the order in which things were said, each client_id once', async () => {
    const { tab } = browser();
    const [one, two] = [tab(), tab()];
    await one.open('ann');
    await two.open('ann');
    await one.write({ put: [send('b'), send('a')] });
    await two.write({ put: [send('c'), send('b', { state: 'failed', error: 'no', code: 'forbidden' })] });
    await one.write({ remove: ['a', 'never there'] });
    const kept = [send('b', { state: 'failed', error: 'no', code: 'forbidden' }), send('c')];
    expect(await one.sends()).toEqual(kept);
    const later = tab();
    await later.open('ann');
    expect(await later.sends()).toEqual(kept);
  });

  test('keeps rooms and drafts; a tab that is behind does not take a room back', async () => {
    const { tab } = browser();
    const storage = tab();
    expect(await storage.open('ann')).toEqual({ rooms: [], drafts: {} });
    await storage.write({ rooms: [room(7)], drafts: { general: 'half a', random: 'gone' } });
    await storage.write({ rooms: [room(6)], drafts: { random: '' } });
    expect(await tab().open('ann')).toEqual({ rooms: [room(7)], drafts: { general: 'half a' } });
    const [restored, again] = [room(2, { cursor: { epoch: 'f', seq: 2, id: null } }), room(1, { id: 'another' })];
    await storage.write({ rooms: [restored] });
    expect((await tab().open('ann')).rooms).toEqual([restored]);
    await storage.write({ rooms: [again] });
    expect((await tab().open('ann')).rooms).toEqual([again]);
    await storage.write({ forget: ['general', 'nowhere'] });
    expect((await tab().open('ann')).rooms).toEqual([]);
  });

  test('belongs to one person: what another left is gone, and their late tab cannot write', async () => {
    const { tab, left } = browser();
    const [anns, bobs] = [tab(), tab()];
    await anns.open('ann');
    await anns.write({ put: [send('secret')], rooms: [room(1, { topic: 'secret' })], drafts: { general: 'secret' } });
    expect(await bobs.open('bob')).toEqual({ rooms: [], drafts: {} });
    expect(await bobs.sends()).toEqual([]);
    await expect(anns.write({ put: [send('secret')] })).rejects.toThrow(Wiped);
    await expect(anns.sends()).rejects.toThrow(Wiped);
    expect(await left()).not.toContain('secret');
  });

  test('a wipe leaves nothing, for no tab, and what comes late is refused', async () => {
    const { tab, left } = browser();
    const [one, two] = [tab(), tab()];
    await one.open('ann');
    await two.open('ann');
    await one.write({ put: [send('a')], rooms: [room(1)], drafts: { general: 'x' } });
    const late = two.write({ put: [send('b')] }).catch((err: unknown) => err);
    await one.wipe();
    await late;
    await expect(two.write({ put: [send('c')] })).rejects.toThrow(Wiped);
    await expect(one.write({ drafts: { general: 'y' } })).rejects.toThrow(Wiped);
    expect(await left()).toBe('');
    await one.open('ann');
    await expect(two.write({ put: [send('d')] }), 'the session before').rejects.toThrow(Wiped);
    expect(await one.sends()).toEqual([]);
  });

  test('a wipe by a tab that has opened nothing leaves nothing as well', async () => {
    const { tab, left } = browser();
    const one = tab();
    await one.open('ann');
    await one.write({ put: [send('a')] });
    await tab().wipe();
    expect(await left()).toBe('');
    await expect(one.write({ put: [send('b')] })).rejects.toThrow(Wiped);
  });
});

test('a newer page takes the database over with all that is in it; the older one hears of it and lets go', async () => {
  const factory = new IDBFactory();
  const older = new IndexedDBStorage('parley', factory, 1);
  await older.open('ann');
  await older.write({ put: [send('a')] });
  const lost = new Promise<void>((resolve) => {
    older.lost = resolve;
  });
  const newer = new IndexedDBStorage('parley', factory, 2);
  await newer.open('ann');
  await lost;
  expect(await newer.sends()).toEqual([send('a')]);
  await expect(older.write({ put: [send('b')] })).rejects.toThrow(Wiped);
  await expect(new IndexedDBStorage('parley', factory, 1).open('ann')).rejects.toMatchObject({ name: 'VersionError' });
  await older.wipe(); // signing out in the old page
  expect(await content(factory)).toBe('');
});

test('a browser without a working database says so', async () => {
  const refusing = {
    open: () => {
      throw new DOMException('no', 'SecurityError');
    },
  } as unknown as IDBFactory;
  await expect(new IndexedDBStorage('parley', refusing).open('ann')).rejects.toMatchObject({ name: 'SecurityError' });
});
