import type { Entry, MessageEntry, State } from '@parley-chat/client';

const indexes = new WeakMap<readonly Entry[], Map<string, MessageEntry>>();

function indexOf(entries: readonly Entry[]): Map<string, MessageEntry> {
  let index = indexes.get(entries);
  if (!index) {
    index = new Map();
    for (const entry of entries) {
      if (entry.kind === 'message' && entry.id !== null) {
        index.set(entry.id, entry);
      }
    }
    indexes.set(entries, index);
  }
  return index;
}

/** A message of a room that is in one of its lists. */
export function find(state: State, room: string, id: string): MessageEntry | undefined {
  const { past, entries = [] } = state.rooms[room] ?? {};
  return (past && indexOf(past.entries).get(id)) ?? indexOf(entries).get(id);
}
