import type { Me, Room, State } from '@parley-chat/client';
import { useMemo } from 'react';
import { useClient, useParley } from '../app/client';
import { list } from '../text/say';

/** What a room is called on the page: its name, or the people in it. */
export function titleOf(state: State, name: string): string {
  const room = state.rooms[name];
  if (room?.kind !== 'direct') {
    return name;
  }
  return list(room.people.map((p) => state.people[p.id]?.display || p.name)) || name;
}

/** The same in a line of text, where a room's name is set off by its sign. */
export const tagOf = (state: State, name: string): string =>
  state.rooms[name]?.kind === 'direct' ? titleOf(state, name) : `#${name}`;

export const useTitle = (name: string): string => useParley((state) => titleOf(state, name));

const ranks = { owner: 2, moderator: 1 } as const;

/** How much somebody may do in a room, as the server counts it: 0 no more than all, then the room's moderators and owners, then the workspace's. */
export function rankOf(me: Pick<Me, 'role' | 'kind'> | null, role: Room['role']): number {
  if (me === null) return 0;
  if (me.role === 'owner' || me.role === 'moderator') return ranks[me.role] + 2;
  return me.kind === 'guest' ? 0 : (ranks[role as keyof typeof ranks] ?? 0);
}

export const useRank = (name: string): number => useParley((state) => rankOf(state.me, state.rooms[name]?.role ?? ''));

/** Whether somebody is in any room now. */
export const isHere = (state: State, user: string): boolean =>
  Object.values(state.rooms).some((room) => room.users.includes(user));

/** The names of the rooms as the sidebar has them: those with a name of their own, and direct ones, by the people in them. */
export function namesOf(state: State): { rooms: string[]; direct: string[] } {
  const isDirect = (name: string) => state.rooms[name]?.kind === 'direct';
  const direct = state.roomNames.filter(isDirect).map((name) => ({ name, title: titleOf(state, name) }));
  return {
    rooms: state.roomNames.filter((name) => !isDirect(name)),
    direct: direct.sort((a, b) => a.title.localeCompare(b.title)).map(({ name }) => name),
  };
}

export function useRoomNames(): ReturnType<typeof namesOf> {
  const client = useClient();
  const names = useParley((state) => state.roomNames);
  const people = useParley((state) => state.people);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a room's kind never changes, so that these are all it depends on
  return useMemo(() => namesOf(client.getState()), [client, names, people]);
}
