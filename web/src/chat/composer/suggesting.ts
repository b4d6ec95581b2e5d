import type { State } from '@parley-chat/client';
import { useMemo } from 'react';
import { useParley } from '../../app/client';
import { composer as words } from '../../text/composer';
import { type Emoji, kept, nameFor, readNames, toned } from './emoji';
import { best, type Candidate, fold } from './rank';
import type { Token } from './token';
import { useLater } from './useLater';

/** One line of the list. */
export interface Suggestion {
  /** What is written: "@ann", "#general", "🙂". */
  value: string;
  name: string;
  more?: string;
  note?: string;
  face: { kind: 'person'; id: string; online: boolean; bot: boolean } | { kind: 'room' | 'everybody' | 'emoji' };
  /** It is called exactly what was typed, so that a second colon completes it. */
  whole?: boolean;
}

/** The most that a list offers. */
const most = 8;

type Person = Candidate & Suggestion;

/**
 * Everybody who may be named in a room: those who are in it now, then those who are online elsewhere, then the rest, each by
 * name. Not oneself, and nobody whose account is disabled.
 */
export function peopleFor(state: Pick<State, 'rooms' | 'people' | 'me'>, room: string): Person[] {
  const here = new Set(state.rooms[room]?.users);
  const online = new Set(Object.values(state.rooms).flatMap(({ users }) => users));
  const known = new Map<string, Person>();
  const add = (name: string, display: string, id: string, bot: boolean) =>
    known.set(name, {
      value: `@${name}`,
      name: display || name,
      ...(display && display !== name ? { more: name } : {}),
      note: here.has(name) ? words.here : online.has(name) ? words.online : words.away,
      face: { kind: 'person', id, online: online.has(name), bot },
      names: [fold(name), fold(display)],
      near: online.has(name),
    });
  for (const name of online) {
    add(name, name, name, false);
  }
  for (const { id, name, display, kind, disabled } of Object.values(state.people)) {
    known.delete(name);
    // Guests exist while they are here.
    if (!disabled && (online.has(name) || (kind !== null && kind !== 'guest'))) {
      add(name, display, id, kind === 'bot');
    }
  }
  known.delete(state.me?.name ?? '');
  const rank = (name: string) => (here.has(name) ? 0 : online.has(name) ? 1 : 2);
  return [...known]
    .sort(([a, p], [b, q]) => rank(a) - rank(b) || p.name.localeCompare(q.name) || (a < b ? -1 : 1))
    .map(([, person]) => person);
}

/** @here and @room, which name all who are in a room; guests and direct rooms have no use for them. */
export function everybodyFor({ rooms, me }: Pick<State, 'rooms' | 'me'>, room: string): (Candidate & Suggestion)[] {
  if (me?.kind === 'guest' || rooms[room]?.kind === 'direct') {
    return [];
  }
  return (['here', 'room'] as const).map((name) => ({
    value: `@${name}`,
    name: `@${name}`,
    more: words.everybody[name],
    face: { kind: 'everybody' },
    names: [name],
    near: true,
  }));
}

export function roomsFor({ rooms, roomNames }: Pick<State, 'rooms' | 'roomNames'>): (Candidate & Suggestion)[] {
  return roomNames
    .filter((name) => rooms[name]?.kind !== 'direct')
    .map((name) => ({
      value: `#${name}`,
      name,
      ...(rooms[name]?.topic ? { more: rooms[name].topic } : {}),
      note: words.inRoom(rooms[name]?.online ?? 0),
      face: { kind: 'room' },
      names: [fold(name)],
      near: true,
    }));
}

function emojiFor(all: readonly Emoji[], query: string): Suggestion[] {
  const tone = kept.tone();
  return best(all, query, most).map((each) => {
    const name = nameFor(each, query);
    return {
      value: toned(each, tone),
      name: `:${name}:`,
      face: { kind: 'emoji' },
      whole: name === query.toLowerCase(),
    };
  });
}

const loadEmoji = () => import('virtual:emoji-names').then(({ default: list }) => readNames(list));

/** What a token may mean, the likeliest first. Empty while that is not known. */
export function useSuggestions({ sign, query }: Token, room: string): Suggestion[] {
  const rooms = useParley((state) => state.rooms);
  const roomNames = useParley((state) => state.roomNames);
  const people = useParley((state) => state.people);
  const me = useParley((state) => state.me);
  const emoji = useLater(loadEmoji, sign === ':');
  const all = useMemo(() => {
    switch (sign) {
      case '@':
        return [...peopleFor({ rooms, people, me }, room), ...everybodyFor({ rooms, me }, room)];
      case '#':
        return roomsFor({ rooms, roomNames });
      case ':':
        return [];
    }
  }, [sign, room, rooms, roomNames, people, me]);
  return useMemo(
    () => (sign === ':' ? emojiFor(emoji ?? [], query) : best<Candidate & Suggestion>(all, query, most)),
    [sign, emoji, all, query],
  );
}
