import type { Room, State } from '@parley-chat/client';

/** The tab's title: how much is unread everywhere, and the room on screen, as "#general" or the people in it. */
export function pageTitle(room: string | null, unread: number, workspace: string): string {
  const name = room ?? workspace;
  return unread > 0 ? `(${unread > 999 ? '999+' : unread}) ${name}` : name;
}

/** What of a room's unread messages is said to somebody: those that name them, and all of a direct room. Nothing of a muted one. */
export const mentionsOf = (room: Room): number =>
  room.muted ? 0 : room.kind === 'direct' ? room.unread : room.mentions;

const sum = (state: State, of: (room: Room) => number): number =>
  state.roomNames.reduce((all, name) => all + (state.rooms[name] ? of(state.rooms[name]) : 0), 0);

/** Unread messages of all rooms that are neither archived nor muted. */
export const totalUnread = (state: State): number => sum(state, (room) => (room.muted ? 0 : room.unread));

/** Those of them that are said to me. */
export const totalMentions = (state: State): number => sum(state, mentionsOf);
