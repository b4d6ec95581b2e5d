// Something that is fetched when a component is shown.

import { useCallback, useEffect, useRef, useState } from 'react';

/** What was fetched so far: data once it is there, error when it could not be had. again() fetches afresh and keeps the old data. */
export interface Loaded<T> {
  data: T | null;
  error: unknown;
  again: () => void;
  /** Puts what a change answered in place of what was fetched. */
  set: (change: (data: T) => T) => void;
}

/** Fetches once for each key. An answer that comes after the key changed, or the component went, is dropped. */
export function useLoad<T>(key: string, fetch: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: unknown }>({ key, data: null, error: null });
  const [round, setRound] = useState(0);
  const latest = useRef(fetch);
  latest.current = fetch;

  // biome-ignore lint/correctness/useExhaustiveDependencies: round asks for another fetch of the same key
  useEffect(() => {
    let current = true;
    latest.current().then(
      (data) => current && setState({ key, data, error: null }),
      (error: unknown) =>
        current && setState((before) => ({ key, data: before.key === key ? before.data : null, error })),
    );
    return () => {
      current = false;
    };
  }, [key, round]);

  const mine = state.key === key;
  return {
    data: mine ? state.data : null,
    error: mine ? state.error : null,
    again: useCallback(() => setRound((before) => before + 1), []),
    set: useCallback((change: (data: T) => T) => {
      setState((before) => (before.data === null ? before : { ...before, data: change(before.data) }));
    }, []),
  };
}
