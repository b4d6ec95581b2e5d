import type { State } from '@parley-chat/client';

/** A room as the switcher lists it. */
export interface Found {
  name: string;
  topic: string;
  unread: number;
}

/** A part of the list; its heading is one of the switcher's texts. */
export interface Section {
  heading: 'unread' | 'recent' | 'others' | 'found';
  rooms: Found[];
}

const foundOf = (state: State, name: string): Found => ({
  name,
  topic: state.rooms[name]?.topic ?? '',
  unread: state.rooms[name]?.unread ?? 0,
});

/**
 * Where one may go: without a query what is unread, then where one was, latest first, then the rest; else what fits, best
 * first. The room on screen is only among those that were asked for.
 */
export function sections(state: State, query: string, recent: readonly string[], current: string | null): Section[] {
  const wanted = query.trim().replace(/^#/, '').toLowerCase();
  if (wanted !== '') {
    return [{ heading: 'found' as const, rooms: ranked(state, wanted) }].filter(({ rooms }) => rooms.length > 0);
  }
  const elsewhere = state.roomNames.filter((name) => name !== current);
  const unread = elsewhere.filter((name) => (state.rooms[name]?.unread ?? 0) > 0);
  const been = recent.filter((name) => elsewhere.includes(name) && !unread.includes(name));
  const rest = elsewhere.filter((name) => !unread.includes(name) && !been.includes(name));
  const all: [Section['heading'], readonly string[]][] = [
    ['unread', unread],
    ['recent', been],
    ['others', rest],
  ];
  return all
    .filter(([, names]) => names.length > 0)
    .map(([heading, names]) => ({ heading, rooms: names.map((name) => foundOf(state, name)) }));
}

function ranked(state: State, wanted: string): Found[] {
  return state.roomNames
    .map((name) => ({ room: foundOf(state, name), rank: rankOf(name, state.rooms[name]?.topic ?? '', wanted) }))
    .filter(({ rank }) => rank < none)
    .sort((a, b) => a.rank - b.rank || a.room.name.localeCompare(b.room.name))
    .map(({ room }) => room);
}

const none = 5;

/** How well a room fits, 0 best: its name, its beginning, the beginning of a word in it, the middle, its topic. */
function rankOf(name: string, topic: string, wanted: string): number {
  const lower = name.toLowerCase();
  if (lower === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  const hyphened = wanted.replace(/\s+/g, '-');
  if (lower.includes(`-${hyphened}`) || lower.startsWith(hyphened)) return 2;
  if (lower.includes(hyphened)) return 3;
  return topic.toLowerCase().includes(wanted) ? 4 : none;
}

/**
 * The room before or after another in the sidebar's order, round the end; with unread, the next that has something to
 * read. Null if there is no other. Without a room it begins at the edge.
 */
export function neighbour(state: State, room: string | null, step: 1 | -1, unread: boolean): string | null {
  const names = state.roomNames;
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
