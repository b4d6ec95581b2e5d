/** What comes back from where the state is kept, and from other tabs. Pure, as reduce.ts. */
import { blank, splice, tailStart } from '../entries.ts';
import type { KeptRoom, KeptSend, Settled } from '../keep.ts';
import { nameOf, record } from '../names.ts';
import { everyRoom, inRoom, named } from '../reduce.ts';
import { answered, count, newRoom } from '../reduce-room.ts';
import { withSync } from '../sync.ts';
import type { Entry, Me, MessageEntry, Room, State } from '../types.ts';

/** restore brings back rooms as they were kept. */
export function restore(state: State, kept: readonly KeptRoom[]): State {
  const rooms = record(state.rooms);
  const renamed = record(state.renamed);
  for (const k of kept) {
    // Meanwhile the server may have told that it is called otherwise.
    const name = Object.values(rooms).find((r) => r.id === k.id)?.name ?? k.name;
    if (name !== k.name) renamed[k.name] = name;
    rooms[name] = restored(rooms[name], { ...k, name });
  }
  return named({ ...state, rooms, renamed });
}

/**
 * outbox takes over all that is kept of what was said, in order. known: the client_ids of those that this client has and
 * that are not kept, or not yet.
 */
export function outbox(state: State, sends: readonly KeptSend[], known: ReadonlySet<string>): State {
  const of = (room: Room) => sends.filter((s) => roomOf(state, s) === room);
  return everyRoom(state, (r) => queued(r, of(r), known, state.me));
}

/** roomOf is the room in which something waits, whatever that is called now. */
export function roomOf(state: State, send: Pick<KeptSend, 'room' | 'roomId'>): Room | undefined {
  const room = state.rooms[nameOf(state, send.room)];
  if (send.roomId === undefined || room?.id === send.roomId) return room;
  return Object.values(state.rooms).find((r) => r.id === send.roomId);
}

/** restored is a room as it was kept, if nothing newer is known of it. */
function restored(before: Room | undefined, kept: KeptRoom): Room {
  if (before && (before.id !== kept.id || before.sync.cursor !== null || before.sync.paged)) return before;
  const room = before ?? {
    ...newRoom(kept.name, kept.id),
    topic: kept.topic,
    kind: kept.kind,
    archived: kept.archived,
    ...(kept.people && {
      role: kept.role ?? '',
      readOnly: kept.readOnly ?? false,
      slowMode: kept.slowMode ?? 0,
      history: kept.history ?? 'all',
      people: kept.people,
    }),
  };
  const next: Room = {
    ...room,
    entries: [...kept.entries.map(whole), ...room.entries.slice(tailStart(room.entries))],
    hasOlder: kept.hasOlder,
    lastN: Math.max(room.lastN, kept.lastN),
    readN: kept.readN,
    readVersion: kept.readVersion,
  };
  return count(
    withSync(next, {
      cursor: kept.cursor,
      epoch: kept.cursor.epoch,
      loaded: true,
      paged: true,
      keptFrom: kept.cursor.seq,
      serverReadN: kept.serverReadN,
      mark: kept.mark,
    }),
  );
}

/** whole is an entry that may have been kept by an older version, which knew less of it. */
const whole = (e: Entry): Entry => (e.kind === 'message' ? { ...blank, ...e } : e);

/** queued makes the tail of a room's list what is kept of it, followed by what is known here alone. */
function queued(room: Room, sends: readonly KeptSend[], known: ReadonlySet<string>, me: Me | null): Room {
  const at = tailStart(room.entries);
  const tail = room.entries.slice(at) as MessageEntry[];
  const stored = sends.length > 0 ? settledIds(room.entries, at) : null;
  const kept = sends.filter((s) => !stored?.has(s.clientId));
  const ids = new Set(kept.map((s) => s.clientId));
  const next = [
    ...kept.map((s) => {
      const mine = tail.find((m) => m.clientId === s.clientId);
      return mine && known.has(s.clientId) ? mine : sameOr(mine, unsettledOf(s, me));
    }),
    ...tail.filter((m) => !ids.has(m.clientId) && known.has(m.clientId)),
  ];
  if (next.length === tail.length && next.every((m, i) => m === tail[i])) return room;
  return { ...room, entries: splice(room.entries, at, tail.length, ...next) };
}

/** settledIds are the client_ids of what is stored. */
function settledIds(entries: readonly Entry[], end: number): Set<string> {
  const ids = new Set<string>();
  for (const e of entries.slice(0, end)) if (e.kind === 'message' && e.clientId !== '') ids.add(e.clientId);
  return ids;
}

function sameOr(before: MessageEntry | undefined, now: MessageEntry): MessageEntry {
  if (!before) return now;
  if (before.state === now.state && before.error === now.error && before.code === now.code) return before;
  return { ...before, state: now.state, error: now.error, code: now.code };
}

function unsettledOf(s: KeptSend, me: Me | null): MessageEntry {
  return {
    ...blank,
    key: s.clientId,
    user: me?.name ?? '',
    userId: me?.id ?? '',
    content: s.content,
    quote: s.quote ?? null,
    time: s.time,
    clientId: s.clientId,
    state: s.state,
    error: s.error,
    code: s.code,
  };
}

/** settledElsewhere takes in that another tab has had a message stored. The cursor stays: the stream will pass it. */
export function settledElsewhere(state: State, s: Settled): State {
  const timestamp = new Date(s.time).toISOString();
  const { html, seq, n } = s;
  const ack = {
    type: 'ack' as const,
    room: s.room,
    client_id: s.clientId,
    id: s.id,
    seq,
    n,
    html: html ?? '',
    timestamp,
  };
  return inRoom(state, s.room, (r) => answered(r, ack, false));
}

/** seen takes in that another tab has read up to n. */
export function seen(state: State, room: string, n: number): State {
  return inRoom(state, room, (r) => (n <= r.readN || n > r.lastN ? r : count(withSync(r, { mark: n }))));
}
