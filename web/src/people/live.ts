import type { Client } from '@parley-chat/client';
import type { People, PeopleState, PersonStatus, Whereabouts } from '@parley-chat/client/people';
import { useEffect, useSyncExternalStore } from 'react';
import { useClient } from '../app/client';

/**
 * What is known of people beside their names. Its code is fetched once somebody is signed in, for the first page needs none of
 * it; until then nobody is known.
 */
const nobody: PeopleState = {
  whereabouts: new Map(),
  statuses: new Map(),
  preferences: null,
  blocked: new Map(),
  announcements: [],
};

let live: People | null = null;
let unhear = () => {};
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

/** Takes over what knows people; null: nobody is signed in any more. */
export function adopt(people: People | null): void {
  unhear();
  live = people;
  unhear = people?.subscribe(tell) ?? (() => {});
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is known now. */
export const known = (): PeopleState => live?.getState() ?? nobody;

/** What changes it; null while its code is on its way. */
export const acts = (): People | null => live;

/** A part of what is known. As with useParley, a selector makes no new object or list. */
export function usePeople<T>(select: (state: PeopleState) => T): T {
  return useSyncExternalStore(subscribe, () => select(known()));
}

/** Knows people while somebody is signed in: fetches its code, and tells others what this person does. */
export function useLivePeople(active: boolean): void {
  const client = useClient();
  useEffect(() => {
    if (!active) {
      return;
    }
    let ended = false;
    let stop = () => {};
    import('./start')
      .then(({ start }) => {
        if (!ended) {
          stop = start(client as Client);
        }
      })
      .catch(() => {}); // no connection: it is fetched when the page is opened again
    return () => {
      ended = true;
      stop();
    };
  }, [client, active]);
}

/** Whether somebody is here, as far as they tell. */
export const useWhereabouts = (id: string): Whereabouts | undefined => usePeople((state) => state.whereabouts.get(id));

/** What somebody says they are doing. */
export function useStatus(id: string): PersonStatus | undefined {
  const status = usePeople((state) => state.statuses.get(id));
  useSyncExternalStore(subscribeTick, minute);
  return status && (status.until === null || status.until > Date.now()) ? status : undefined;
}

/** Statuses and announcements end by themselves: what shows one looks again now and then. */
const ticks = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | null = null;
let passed = 0;

function subscribeTick(listener: () => void): () => void {
  ticks.add(listener);
  ticking ??= setInterval(() => {
    passed++;
    for (const each of ticks) each();
  }, 10_000);
  return () => {
    ticks.delete(listener);
    if (ticks.size === 0 && ticking !== null) {
      clearInterval(ticking);
      ticking = null;
    }
  };
}

const minute = () => passed;

/** Draws again every ten seconds. */
export const useTick = (): void => void useSyncExternalStore(subscribeTick, minute);
