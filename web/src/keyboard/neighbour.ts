import type { State } from '@parley-chat/client';
import { namesOf } from '../chat/rooms';

/**
 * The room before or after another in the sidebar's order, round the end; with unread, the next that has something to
 * read. Null if there is no other. Without a room it begins at the edge.
 */
export function neighbour(state: State, room: string | null, step: 1 | -1, unread: boolean): string | null {
  const { rooms, direct } = namesOf(state);
  const names = [...rooms, ...direct];
  const at = room === null ? -1 : names.indexOf(room);
  const start = at < 0 && step < 0 ? names.length : at;
  for (let i = 1; i <= names.length; i++) {
    const name = names[(start + step * i + names.length * 2) % names.length];
    if (name !== undefined && name !== room && (!unread || (state.rooms[name]?.unread ?? 0) > 0)) {
      return name;
    }
  }
  return null;
}
