import type { Room } from '@parley-chat/client';
import { useEffect } from 'react';
import { useClient, useParley } from '../app/client';

/** So many unread messages are loaded before a room is shown, so that it can be entered where they begin. */
const mostUnread = 300;

/** Whether the first unread message is still to be loaded, and is near enough to wait for. */
export function outOfReach(room: Pick<Room, 'entries' | 'firstUnread' | 'hasOlder' | 'loadError'>): boolean {
  const { entries, firstUnread, hasOlder, loadError } = room;
  if (firstUnread === null || !hasOlder || loadError !== null) {
    return false;
  }
  const stored = entries.filter((entry) => entry.kind === 'message' && entry.n !== null);
  const first = stored[0];
  const last = stored.at(-1);
  if (first?.kind !== 'message' || last?.kind !== 'message' || first.n === null || last.n === null) {
    return false;
  }
  return first.n > firstUnread && last.n - firstUnread < mostUnread;
}

/** Loads older messages until the first unread one is there; true while that is under way. */
export function useReach(name: string, entered: boolean): boolean {
  const client = useClient();
  const reaching = useParley((state) => {
    const room = state.rooms[name];
    return !entered && room !== undefined && state.open === name && outOfReach(room);
  });
  const idle = useParley((state) => state.rooms[name]?.loading === 'none');
  useEffect(() => {
    if (reaching && idle) {
      void client.loadOlder(name);
    }
  }, [client, name, reaching, idle]);
  return reaching;
}
