/**
 * What rooms are called. The state has rooms, drafts and the open room by name, and a room may get another name while frames and
 * pages about it are on their way, or while the client is away. Rooms are told by their ids. Pure, as the rest of the reducer.
 */
import type { Room, State } from './types.ts';

/** record copies into an object without a prototype: a room may be called "constructor". */
export function record<T>(from: Readonly<Record<string, T>>, add: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, from, add);
}

/** nameOf is what a room that was called so is called now; a name that nothing is known of stays as it is. */
export function nameOf(state: Pick<State, 'rooms' | 'renamed'>, name: string): string {
  return state.rooms[name] ? name : (state.renamed[name] ?? name);
}

/** called takes in that a room had another name before. */
export function called(state: State, was: string, name: string): State {
  return { ...state, renamed: record(state.renamed, { [was]: name }) };
}

/**
 * renamed gives rooms the names that are told of them, all at once: two may have changed names with each other. What waits in
 * them, their drafts and which of them is on screen go along. seq: the room's last entry when that was read; older than what
 * was heard, it says nothing.
 */
export function renamed(state: State, told: readonly { id: string; name: string; seq?: number }[]): State {
  const names = new Map(told.map((t) => [t.id, t]));
  const moves = new Map<string, Room>();
  for (const room of Object.values(state.rooms)) {
    const t = names.get(room.id);
    if (t && t.name !== room.name && !(t.seq! < room.sync.told)) moves.set(room.name, { ...room, name: t.name });
  }
  if (moves.size === 0) return state;
  const now = (was: string) => moves.get(was)?.name ?? was;
  const rooms = record(state.rooms);
  const drafts = record(state.drafts);
  const before = record(state.renamed);
  for (const was of Object.keys(before)) before[was] = now(before[was]!);
  for (const was of moves.keys()) {
    delete rooms[was];
    delete drafts[was];
  }
  for (const [was, room] of moves) {
    rooms[room.name] = room;
    before[was] = room.name;
    if (state.drafts[was]) drafts[room.name] = state.drafts[was];
  }
  return { ...state, rooms, drafts, renamed: before, open: state.open && now(state.open) };
}
