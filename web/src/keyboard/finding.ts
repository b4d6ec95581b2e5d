import type { State } from '@parley-chat/client';
import { namesOf, titleOf } from '../chat/rooms';

/** A room, or somebody to write to, as the switcher lists it. */
export interface Found {
  /** The room's name; of a person their id. */
  key: string;
  name: string;
  topic: string;
  unread: number;
}

/** A part of the list; its heading is one of the switcher's texts. */
export interface Section {
  heading: 'unread' | 'recent' | 'others' | 'found' | 'people';
  rooms: Found[];
}

const foundOf = (state: State, name: string): Found => ({
  key: name,
  name: titleOf(state, name),
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
    const all: Section[] = [
      { heading: 'found', rooms: ranked(state, wanted) },
      { heading: 'people', rooms: people(state, wanted.replace(/^@/, '')) },
    ];
    return all.filter(({ rooms }) => rooms.length > 0);
  }
  const { rooms, direct } = namesOf(state);
  const elsewhere = [...rooms, ...direct].filter((name) => name !== current);
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
    .map((name) => {
      const room = foundOf(state, name);
      return { room, rank: rankOf(room.name, room.topic, wanted) };
    })
    .filter(({ rank }) => rank < none)
    .sort((a, b) => a.rank - b.rank || a.room.name.localeCompare(b.room.name))
    .map(({ room }) => room);
}

/** So many people are listed. */
const mostPeople = 8;

/** Those whom one may write to and who fit, but for whom a conversation with them alone is listed as a room. */
function people(state: State, wanted: string): Found[] {
  if (wanted === '' || state.me?.kind === 'guest') return [];
  const known = new Set(
    Object.values(state.rooms).flatMap((r) =>
      r.kind === 'direct' && r.people.length === 1 ? r.people.map((p) => p.id) : [],
    ),
  );
  return Object.values(state.people)
    .filter((p) => p.kind !== null && p.kind !== 'guest' && !p.disabled && p.id !== state.me?.id && !known.has(p.id))
    .map((p) => {
      const found: Found = { key: p.id, name: p.display || p.name, topic: p.display ? p.name : '', unread: 0 };
      return { found, rank: Math.min(rankOf(p.name, '', wanted), rankOf(p.display, '', wanted)) };
    })
    .filter(({ rank }) => rank < none)
    .sort((a, b) => a.rank - b.rank || a.found.name.localeCompare(b.found.name))
    .slice(0, mostPeople)
    .map(({ found }) => found);
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
