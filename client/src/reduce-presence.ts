/** Who is in a room, who comes and goes, and who types. Pure, as the rest of the reducer. */
import { presenceLine } from './entries.ts';
import type { OnlineUsersFrame, PresenceFrame } from './protocol.ts';
import type { Around } from './reduce-room.ts';
import type { Room, Sync } from './types.ts';

/** How long somebody is shown as typing after their last word of it, in milliseconds. */
export const TYPING_SHOWN = 3000;

export const withSync = (room: Room, change: Partial<Sync>): Room => ({ ...room, sync: { ...room.sync, ...change } });

const sameNames = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((x, i) => x === b[i]);

export function onlineUsers(room: Room, frame: OnlineUsersFrame): Room {
  if (frame.count === room.online && sameNames(frame.users, room.users)) return room;
  return { ...room, online: frame.count, users: frame.users };
}

export function typing(room: Room, frame: PresenceFrame, around: Around): Room {
  if (frame.user_id === around.me) return room;
  const others = room.sync.typing.filter((t) => t.userId !== frame.user_id);
  return typed(room, [...others, { user: frame.user, userId: frame.user_id, until: around.now + TYPING_SHOWN }]);
}

export function stopTyping(room: Room, userId: string): Room {
  return typed(
    room,
    room.sync.typing.filter((t) => t.userId !== userId),
  );
}

/** typed shows who types, by name. */
export function typed(room: Room, typing: Sync['typing']): Room {
  if (typing.length === 0 && room.sync.typing.length === 0) return room;
  const names = typing.map((t) => t.user).sort();
  return withSync(sameNames(names, room.typing) ? room : { ...room, typing: names }, { typing });
}

export function presence(room: Room, frame: PresenceFrame, around: Around): Room {
  const here = room.users.includes(frame.user);
  let next = room;
  if (frame.type === 'join' && !here)
    next = { ...room, users: [...room.users, frame.user].sort(), online: room.online + 1 };
  if (frame.type === 'leave') {
    next = stopTyping(room, frame.user_id);
    if (here)
      next = { ...next, users: room.users.filter((u) => u !== frame.user), online: Math.max(0, room.online - 1) };
  }
  if (!around.open || frame.user_id === around.me || !next.sync.loaded) return next;
  const key = `line ${next.sync.nextKey}`;
  const entries = presenceLine(next.entries, frame.type as 'join' | 'leave', frame.user, key, around.now);
  return withSync({ ...next, entries }, { nextKey: next.sync.nextKey + 1 });
}
