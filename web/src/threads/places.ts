import type { Room, State } from '@parley-chat/client';
import type { ThreadsState } from '@parley-chat/client/threads';

/** A room or a thread in which something is new. */
export interface Place {
  key: string;
  room: string;
  /** Id of the thread's root; null for a room. */
  thread: string | null;
  unread: number;
  /** Those of them that name me. */
  mentions: number;
}

/**
 * Everything that is new: first where somebody speaks to me, then the threads that I follow, then the other rooms, each by
 * its name. Muted rooms are not among them; a thread that one follows is, whatever its room is.
 */
export function placesOf(
  { rooms, roomNames }: Pick<State, 'rooms' | 'roomNames'>,
  unread: ThreadsState['unread'],
): Place[] {
  const places = roomNames
    .map((name) => rooms[name])
    .filter((room): room is Room => room !== undefined && room.unread > 0 && !room.muted)
    .map(({ name, kind, unread, mentions }) => ({
      key: name,
      room: name,
      thread: null,
      unread,
      mentions: kind === 'direct' ? unread : mentions,
    }));
  const threads = Object.entries(unread).map(([thread, { room, unread }]) => ({
    key: `${room}/${thread}`,
    room,
    thread,
    unread,
    mentions: 0,
  }));
  const rank = (place: Place) => (place.mentions > 0 ? 0 : place.thread !== null ? 1 : 2);
  return [...places, ...threads].sort((a, b) => rank(a) - rank(b) || a.key.localeCompare(b.key));
}

/** The places in the order in which they were shown before: what is new since stands at the end, and nothing changes its place. */
export function inOrder(places: readonly Place[], shown: readonly string[]): Place[] {
  const known = new Map(places.map((place) => [place.key, place]));
  const before = shown.map((key) => known.get(key)).filter((place) => place !== undefined);
  return [...before, ...places.filter((place) => !shown.includes(place.key))];
}

/** The key of the place to go to from one that is gone or left: the one after it, else the one before. */
export function nextPlace(places: readonly Place[], shown: readonly string[], from: string): string | null {
  const at = shown.indexOf(from);
  const there = (key: string) => places.some((place) => place.key === key && key !== from);
  return shown.slice(at + 1).find(there) ?? shown.slice(0, Math.max(at, 0)).findLast(there) ?? null;
}
