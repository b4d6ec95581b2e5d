import type { Next } from '@parley-chat/client/rest';
import { useCallback, useEffect, useRef, useState } from 'react';

/** A list that comes in pages: what is loaded of it, and how to get more. */
export interface Pages<T> {
  /** null until the first page is here. */
  items: readonly T[] | null;
  more: (() => void) | null;
  busy: boolean;
  /** Why the last page could not be loaded. */
  error: string | null;
  retry: () => void;
  /** Takes an item off, or puts another in its place. */
  change: (change: (items: readonly T[]) => readonly T[]) => void;
}

/** Loads the pages of a list. What fresh is made of has changed: the first page is loaded again, in the place of all. */
export function usePages<T>(load: (before?: Next) => Promise<{ items: T[]; next?: Next }>, fresh: unknown): Pages<T> {
  const [items, setItems] = useState<readonly T[] | null>(null);
  const [next, setNext] = useState<Next | undefined>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const turn = useRef(0);
  const get = useCallback(
    async (before?: Next) => {
      const mine = ++turn.current;
      setBusy(true);
      setError(null);
      try {
        const page = await load(before);
        if (mine === turn.current) {
          setItems((was) => (before === undefined ? page.items : [...(was ?? []), ...page.items]));
          setNext(page.next);
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: something new is a reason to load again
  useEffect(() => {
    void get();
    return () => {
      turn.current++;
    };
  }, [get, fresh]);
  return {
    items,
    more: next === undefined ? null : () => void get(next),
    busy,
    error,
    retry: () => void get(items === null ? undefined : next),
    change: (change) => setItems((was) => was && change(was)),
  };
}
