import type { State } from '@parley-chat/client';

/** The tab's title: how much is unread everywhere, and the room on screen, as "#general" or the people in it. */
export function pageTitle(room: string | null, unread: number, workspace: string): string {
  const name = room ?? workspace;
  return unread > 0 ? `(${unread > 999 ? '999+' : unread}) ${name}` : name;
}

/** Unread messages of all rooms that are not archived. */
export function totalUnread(state: State): number {
  return state.roomNames.reduce((sum, name) => sum + (state.rooms[name]?.unread ?? 0), 0);
}
