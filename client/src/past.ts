/** A room's past: goes to messages that are far from its end, and from there on towards it. */
import { inRoom } from './reduce.ts';
import { entriesOf, met, type Page } from './reduce-room.ts';
import type { Client, Entry, Link, Room } from './types.ts';

/**
 * past sees to it that the client's jump and loadNewer do something; without it they reject. useRoom calls it by itself; a second
 * call does nothing.
 */
export function past(client: Client): void {
  const { api, link, getState } = client;
  link.past ??= {
    jump: async (name, id) => {
      link.jumps.set(name, id);
      const room = getState().rooms[name];
      if (room?.past && has(room.past.entries, id)) return;
      if (room?.sync.paged && has(room.entries, id)) return client.latest(name);
      const page = await api.messages(name, { around: id });
      if (link.jumps.get(name) === id) show(link, name, page, null);
    },
    newer: async (name) => {
      const after = getState().rooms[name]?.past?.entries.at(-1)?.seq ?? null;
      if (after === null) return;
      await link.once('newer', name, async (mine) => {
        link.apply((state) => inRoom(state, name, (r) => ({ ...r, loading: 'newer', loadError: null })), false);
        const page = await api.messages(name, { after });
        if (mine()) show(link, name, page, after);
      });
    },
  };
}

const has = (list: readonly Entry[], id: string) => list.some((e) => e.kind === 'message' && e.id === id);

function show(link: Link, name: string, page: Page, after: number | null): void {
  link.apply((state) => inRoom(state, name, (r) => pagedAround(r, page, after, state.me?.id ?? '')), false);
}

/** pagedAround makes a page the room's past, or puts it behind the past that ended at after. Pure. */
export function pagedAround(room: Room, page: Page, after: number | null, me: string): Room {
  const next: Room = { ...room, loading: 'none', loadError: null };
  const { past, sync } = room;
  if (sync.cursor !== null && (sync.cursor.epoch !== page.epoch || page.as_of < sync.keptFrom)) return next;
  if (after === null)
    return met({ ...next, past: { epoch: page.epoch, entries: entriesOf(page, room), hasOlder: page.has_more } }, me);
  if (past?.epoch !== page.epoch || past.entries.at(-1)?.seq !== after) return next;
  return met({ ...next, past: { ...past, entries: [...past.entries, ...entriesOf(page, room)] } }, me);
}
