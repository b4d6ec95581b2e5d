import type { People, PeopleState, PersonStatus, Whereabouts } from '@parley-chat/client/people';
import { useEffect, useSyncExternalStore } from 'react';
import { useClient } from '../app/client';
import type { MenuEntry } from '../ui/Menu';

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

/** What one's own corner says of oneself (null: nothing beyond that one is here), and the entries of its menu about that. */
export type Own = (
  me: string,
  on: { onStatus: () => void; onError: (error: string) => void },
) => { says: string | null; dnd: boolean; entries: MenuEntry[] };

/** What comes with the code that is fetched. */
export interface Tools {
  own: Own;
  /** The pieces of a text in which words are highlighted; null: none is. */
  pieces: (text: string, words: readonly string[]) => { text: string; mark: boolean }[] | null;
}

const none = { says: null, dnd: false, entries: [] };

let live: People | null = null;
let tools: Tools | null = null;
let unhear = () => {};
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

/** Takes over what knows people; null: nobody is signed in any more. */
export function adopt(people: People | null, brought: Tools | null = null): void {
  unhear();
  live = people;
  tools = brought;
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

/** The pieces of a text with highlighted words; null if none is in it. */
export const piecesOf: Tools['pieces'] = (text, words) => tools?.pieces(text, words) ?? null;

/** What one's own corner says and offers, drawn again when it changes and when it is over. */
export function useOwn(...of: Parameters<Own>): ReturnType<Own> {
  usePeople((state) => state);
  useTick();
  return tools?.own(...of) ?? none;
}

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
          stop = start(client);
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
  useSyncExternalStore(subscribeTick, ticked);
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

const ticked = () => passed;

/** Draws again every ten seconds. */
export const useTick = (): void => void useSyncExternalStore(subscribeTick, ticked);
