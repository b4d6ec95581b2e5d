import type { Person, Room, State } from '@parley-chat/client';
import { useMemo } from 'react';
import { useParley } from '../app/client';

/** How people are called, and who they are, by name: rooms know those who are here by their names. */
export interface Directory {
  byName: ReadonlyMap<string, Person>;
  /** What somebody wants to be called. */
  display: (name: string) => string;
  /** What their colour comes from: their id, or the name of somebody who is known by that alone. */
  colour: (name: string) => string;
}

export function directory(people: State['people']): Directory {
  const byName = new Map<string, Person>();
  for (const person of Object.values(people)) {
    byName.set(person.name, person);
  }
  return {
    byName,
    display: (name) => byName.get(name)?.display || name,
    colour: (name) => byName.get(name)?.id ?? name,
  };
}

export function useDirectory(): Directory {
  const people = useParley((state) => state.people);
  return useMemo(() => directory(people), [people]);
}

/** Names of all who are in a room now, and how many there are with those of rooms too large to list them. */
export function onlineEverywhere(rooms: Readonly<Record<string, Room>>): { names: string[]; count: number } {
  const names = new Set<string>();
  let most = 0;
  for (const room of Object.values(rooms)) {
    most = Math.max(most, room.online);
    for (const name of room.users) {
      names.add(name);
    }
  }
  return { names: [...names].sort((a, b) => a.localeCompare(b)), count: Math.max(names.size, most) };
}

/** Whether somebody is meant by what is typed: a part of what they are called. */
export function fits(query: string, name: string, display = ''): boolean {
  const wanted = query.trim().replace(/^@/, '').toLowerCase();
  return name.toLowerCase().includes(wanted) || display.toLowerCase().includes(wanted);
}
