import type { MessageEntry, State } from '@parley-chat/client';

/** What the server will let me do here, as far as one can tell; it decides itself. */

const rules = new Set(['owner', 'moderator']);

export const moderates = (state: State, room: string): boolean =>
  rules.has(state.me?.role ?? '') || rules.has(state.rooms[room]?.role ?? '');

const mine = (state: State, entry: MessageEntry): boolean => entry.userId === state.me?.id;

/** Whether I may say something in the room. */
export function mayPost(state: State, name: string): boolean {
  const room = state.rooms[name];
  return room !== undefined && !room.archived && (!room.readOnly || moderates(state, name));
}

/** Replies may be said, and so edited, also where one may only read. */
export const mayEdit = (state: State, room: string, entry: MessageEntry): boolean =>
  mine(state, entry) &&
  !entry.deleted &&
  (entry.thread === null ? mayPost(state, room) : state.rooms[room]?.archived === false);

export const mayPin = (state: State, room: string): boolean => state.me?.kind !== 'guest' && mayPost(state, room);

export const mayRemove = (state: State, room: string, entry: MessageEntry): boolean =>
  !entry.deleted && state.rooms[room]?.archived === false && (mine(state, entry) || moderates(state, room));

export const maySeeEdits = (state: State, room: string, entry: MessageEntry): boolean =>
  entry.edited !== null && (mine(state, entry) || moderates(state, room));

export const mayReport = (state: State, entry: MessageEntry): boolean =>
  !entry.deleted && state.me !== null && state.me.kind !== 'guest' && !mine(state, entry);
