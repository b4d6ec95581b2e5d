import { useEffect, useRef, useState } from 'react';
import { useParley } from '../../app/client';
import { rankOf } from '../rooms';
import { useCountdown } from '../useNow';

/** Seconds until one may write in a room in slow mode again; null: now. The server decides; this saves a try. */
export function useSlow(name: string): number | null {
  const seconds = useParley((state) => {
    const room = state.rooms[name];
    return room && rankOf(state.me, room.role) === 0 ? room.slowMode : 0;
  });
  const last = useParley((state) => {
    const entries = state.rooms[name]?.entries ?? [];
    for (let i = entries.length - 1; i >= 0; i--) {
      const e = entries[i];
      if (e?.kind === 'message' && e.userId === state.me?.id && e.state !== 'failed') return e.time;
    }
    return null;
  });
  const [until, setUntil] = useState<number | null>(null);
  const first = useRef(true);
  useEffect(() => {
    const now = Date.now();
    // What was said here just now counts from now: the server's clock may be another one.
    const from = last === null ? 0 : first.current ? Math.min(last, now) : now;
    first.current = false;
    const end = from + seconds * 1000;
    setUntil(seconds > 0 && end > now ? end : null);
  }, [seconds, last]);
  const left = useCountdown(until);
  return left !== null && left > 0 ? left : null;
}
