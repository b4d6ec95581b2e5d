/** What a person wants to hear of a room, and what is to count as unread there. */
import { routeOf } from './api.ts';
import { inRoom } from './reduce.ts';
import { alter, cursorAt } from './reduce-room.ts';
import { ApiError } from './request.ts';
import type { Client, Entry, Room } from './types.ts';

/** So long after an unread message was edited or deleted the list of rooms is read, in milliseconds: it may name somebody else now. */
const SOON = 500;

const watched = new WeakSet<Client>();

/**
 * watchLevels keeps in step from now on what is set for a room and what is saved on another device, and how many unread messages
 * name this person when one of those is edited or deleted.
 */
export function watchLevels(client: Client): void {
  if (watched.has(client)) return;
  watched.add(client);
  let due = false;
  let welcomed = client.getState().status === 'connected';
  client.link.onFrame((frame, isNew) => {
    if (frame.type === 'welcome') {
      if (welcomed) void saved(client);
      welcomed = true;
    } else if (frame.type === 'other') own(client, frame.frame);
    else if (isNew && frame.type === 'change' && (frame.kind === 'edit' || frame.kind === 'delete')) {
      if (due || !client.getState().rooms[frame.room]?.unread) return;
      due = true;
      client.link.clock.setTimeout(() => {
        due = false;
        void client.refreshRooms();
      }, SOON);
    }
  });
}

/** own takes in what this person has done on any of their devices. */
function own({ link }: Client, frame: Readonly<Record<string, unknown>>): void {
  const { type, room, notify, muted, message, saved } = frame;
  if (typeof room !== 'string') return;
  if (type === 'saved' && typeof message === 'string')
    link.apply((state) => inRoom(state, room, (r) => alter(r, message, (m) => ({ ...m, saved: saved === true }))));
  if (type !== 'room_prefs' || typeof notify !== 'string') return;
  const set = { notify: notify as Room['notify'], muted: muted === true };
  link.apply((state) => inRoom(state, room, (r) => ({ ...r, ...set })));
}

/** Pages of what is saved that are read after a connection was lost: all of them, for nearly everybody. */
const SAVED_PAGES = 5;

/** saved reads again what this person keeps for later: what they did on another device meanwhile is told by no frame. */
async function saved({ api, link }: Client): Promise<void> {
  const keeps = new Set<string>();
  const since = new Map<string, boolean>(); // heard while this is read
  const end = link.onFrame((frame) => {
    if (frame.type === 'other' && frame.frame.type === 'saved')
      since.set(String(frame.frame.message), frame.frame.saved === true);
  });
  try {
    let before: string | number | undefined;
    for (let i = 0; i === 0 || (before && i < SAVED_PAGES); i++) {
      const page: { messages: { id: string }[]; next?: string | number } = await api.ask('GET', 'api/saved', {
        query: { before },
      });
      for (const { id } of page.messages) keeps.add(id);
      before = page.next;
    }
    if (before) return; // too many to say of the others that they are not
    const set = <E extends Entry>(m: E): E => {
      if (m.kind !== 'message' || m.id === null) return m;
      const now = since.get(m.id) ?? keeps.has(m.id);
      return now === m.saved ? m : { ...m, saved: now };
    };
    link.apply((state) => {
      const at = Object.keys(state.rooms);
      return at.reduce(
        (next, name) =>
          inRoom(next, name, (r) => {
            const [entries, old] = [r.entries.map(set), r.past?.entries.map(set)];
            const same =
              entries.every((e, i) => e === r.entries[i]) && (old ?? []).every((e, i) => e === r.past?.entries[i]);
            return same ? r : { ...r, entries, past: r.past && { ...r.past, entries: old! } };
          }),
        state,
      );
    });
  } catch {
    // the next connection asks again
  } finally {
    end();
  }
}

/**
 * markUnread makes a message, by its n, the first unread one of its room, on all devices. The room stays unread though it is
 * on screen, until it is opened anew, all of it is marked read, or this person says something there. Rejects with an ApiError.
 */
export async function markUnread(client: Client, name: string, n: number): Promise<void> {
  const known = client.getState().rooms[name];
  if (!known) return;
  const move = (c: { n: number; version: number }, stays: boolean) =>
    client.link.apply((state) =>
      inRoom(state, name, (r) => cursorAt(r, { ...c, mentions: r.mentions }, stays && state.open === name)),
    );
  const ask = (version: number) =>
    client.api.ask<{ n: number; version: number }>('POST', routeOf(name, '/read'), { body: { n: n - 1, version } });
  move({ n: n - 1, version: known.readVersion }, true);
  try {
    const answer = await ask(known.readVersion).catch(async (err: unknown) => {
      if (!(err instanceof ApiError) || err.code !== 'conflict') throw err;
      // Something was read meanwhile, here or elsewhere: what is asked for now is the later wish.
      return ask((await client.api.room(name)).read_version);
    });
    move(answer, true);
  } catch (err) {
    move({ n: known.readN, version: known.readVersion }, false);
    throw err;
  } finally {
    void client.refreshRooms(); // how many of them name this person
  }
}
