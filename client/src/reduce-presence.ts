/** Who is in a room, who comes and goes, and who types. Pure, as the rest of the reducer. */
import { type List, newNotice, splice, tailStart } from './entries.ts';
import type { Around } from './reduce-room.ts';
import { withSync } from './sync.ts';
import type { NoticeEntry, Room, Sync } from './types.ts';
import type { Join, Leave, OnlineUsers, Typing } from './wire.ts';

/** How long somebody is shown as typing after their last word of it, in milliseconds. */
export const TYPING_SHOWN = 3000;

const sameNames = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((x, i) => x === b[i]);

export function onlineUsers(room: Room, frame: OnlineUsers): Room {
  if (frame.count === room.online && sameNames(frame.users, room.users)) return room;
  return { ...room, online: frame.count, users: frame.users };
}

export function typing(room: Room, frame: Typing, around: Around): Room {
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

export function presenceIn(room: Room, frame: Join | Leave, around: Around): Room {
  const here = room.users.includes(frame.user);
  let next = room;
  if (frame.type === 'join' && !here)
    next = { ...room, users: [...room.users, frame.user].sort(), online: room.online + 1 };
  if (frame.type === 'leave') {
    next = stopTyping(room, frame.user_id);
    if (here)
      next = { ...next, users: room.users.filter((u) => u !== frame.user), online: Math.max(0, room.online - 1) };
  }
  // Who is in a direct room hears of the others by what they say.
  if (!around.open || frame.user_id === around.me || !next.sync.loaded || room.kind === 'direct') return next;
  const key = `line ${next.sync.nextKey}`;
  const entries = presenceLine(next.entries, frame.type, frame.user, key, around.now);
  return withSync({ ...next, entries }, { nextKey: next.sync.nextKey + 1 });
}

/**
 * presenceLine notes that somebody came or went. The lines at the end collapse into at most one of each kind, so that
 * a quiet room does not grow by people who come and go.
 */
export function presenceLine(list: List, notice: 'join' | 'leave', user: string, key: string, now: number): List {
  const end = tailStart(list);
  let start = end;
  while (start > 0 && list[start - 1]!.kind === 'notice' && list[start - 1]!.seq === null) start--;
  const lines = list.slice(start, end) as NoticeEntry[];
  const out: NoticeEntry[] = [];
  let found = false;
  for (const line of lines) {
    if (line.notice === notice) {
      found = true;
      out.push(line.users.includes(user) ? line : { ...line, users: [...line.users, user] });
    } else {
      const users = line.users.filter((u) => u !== user);
      if (users.length > 0) out.push(users.length === line.users.length ? line : { ...line, users });
    }
  }
  if (!found) out.push(newNotice(notice, [user], null, now, null, key));
  return splice(list, start, end - start, ...out);
}
