import type { Client } from '@parley-chat/client';
import type { Next } from '@parley-chat/client/rest';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from '../app/client';
import { heardBy } from '../chat/changes/now';

/** So long after something new was heard of the first page is asked for, in ms: what comes in one burst is one question. */
export const pause = 1000;

/** A part of a list, and where the rest of it begins. */
export interface Part<T> {
  items: readonly T[];
  next?: Next;
}

/** A list that comes in pages: what is loaded of it, and how to get more. */
export interface Pages<T> {
  /** null until the first page is here. */
  items: readonly T[] | null;
  more: (() => void) | null;
  busy: boolean;
  /** Why the last page could not be loaded. */
  error: string | null;
  retry: () => void;
  /** Something is new: it is looked for soon, and put before what is there. */
  refresh: () => void;
  /** Takes an item off, or puts another in its place. */
  change: (change: (items: readonly T[]) => readonly T[]) => void;
}

/**
 * What is shown of a list once its first page was read again. What is shown already stays where it is, as it is now; what is new
 * stands before it. A page that has nothing in common with it takes its place.
 */
export function merged<T>(shown: Part<T>, page: Part<T>, keyOf: (item: T) => string): Part<T> {
  const now = new Map(page.items.map((item) => [keyOf(item), item]));
  const before = new Set(shown.items.map(keyOf));
  const all = page.next === undefined;
  if (!all && !page.items.some((item) => before.has(keyOf(item)))) {
    return page;
  }
  const stays = shown.items.filter((item) => !all || now.has(keyOf(item))).map((item) => now.get(keyOf(item)) ?? item);
  const fresh = page.items.filter((item) => !before.has(keyOf(item)));
  return { items: [...fresh, ...stays], next: all ? undefined : shown.next };
}

/** Loads the pages of a list. */
export function usePages<T>(load: (before?: Next) => Promise<Part<T>>, keyOf: (item: T) => string): Pages<T> {
  const client = useClient();
  const [shown, setShown] = useState<Part<T> | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const turn = useRef(0);
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  const key = useRef(keyOf);
  const get = useCallback(
    async (before?: Next) => {
      const mine = ++turn.current;
      setBusy(true);
      setError(null);
      try {
        const page = await load(before);
        if (mine === turn.current) {
          setShown((was) => (before === undefined ? page : { ...page, items: joined(was, page.items, key.current) }));
        }
      } catch (err) {
        if (mine === turn.current) {
          setError(err instanceof Error ? err.message : String(err));
        }
      } finally {
        if (mine === turn.current) {
          setBusy(false);
        }
      }
    },
    [load],
  );
  const here = useRef({});
  useEffect(() => {
    const mine = {};
    here.current = mine;
    heardBy(client);
    void get();
    return () => {
      here.current = {};
      turn.current++;
      clearTimeout(due.current);
      due.current = undefined;
    };
  }, [client, get]);
  const refresh = useCallback(() => {
    const mine = here.current;
    due.current ??= setTimeout(() => {
      due.current = undefined;
      load().then(
        (page) => {
          if (mine === here.current) {
            setShown((was) => (was ? merged(was, page, key.current) : page));
            setError(null);
          }
        },
        () => {}, // the next connection is a reason to look again
      );
    }, pause);
  }, [load]);
  return {
    items: shown?.items ?? null,
    more: shown?.next === undefined ? null : () => void get(shown.next),
    busy,
    error,
    retry: () => void get(shown?.next),
    refresh,
    change: (change) => setShown((was) => was && { ...was, items: change(was.items) }),
  };
}

function joined<T>(shown: Part<T> | null, older: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const items = shown?.items ?? [];
  const there = new Set(items.map(keyOf));
  return [...items, ...older.filter((item) => !there.has(keyOf(item)))];
}

/** A value that follows another one at most once in a pause. */
export function useCalm<T>(value: T): T {
  const [calm, setCalm] = useState(value);
  const latest = useRef(value);
  const due = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    latest.current = value;
    if (value !== calm) {
      due.current ??= setTimeout(() => {
        due.current = undefined;
        setCalm(latest.current);
      }, pause);
    }
  }, [value, calm]);
  useEffect(() => () => clearTimeout(due.current), []);
  return calm;
}

type Hear = Parameters<Client['link']['onFrame']>[0];

/** Calls back with each frame, also with those after which something may have been missed: welcome and reset. */
export function useFrames(hear: Hear): void {
  const client = useClient();
  const latest = useRef(hear);
  useEffect(() => {
    latest.current = hear;
  });
  useEffect(() => client.link.onFrame((...heard) => latest.current(...heard)), [client]);
}

/** Whether something may have been missed before a frame. */
export const afterCut: (frame: Parameters<Hear>[0]) => boolean = ({ type }) => type === 'welcome' || type === 'reset';
