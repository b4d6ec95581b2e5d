import { useSyncExternalStore } from 'react';

/** One value that parts of the page share which do not stand inside of each other. */
export function cell<T>(first: T) {
  let now = first;
  const listeners = new Set<() => void>();
  const get = () => now;
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  return {
    get,
    set(next: T) {
      now = next;
      for (const listener of listeners) {
        listener();
      }
    },
    /** A part of it; it must be in the value, or a string, number or boolean made of it. */
    use: <P>(part: (value: T) => P): P => useSyncExternalStore(subscribe, () => part(now)),
  };
}
