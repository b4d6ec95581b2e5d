import { useEffect, useState } from 'react';
import { nextDay } from './days';

/** The present day's moment: drawn again at local midnight, and when the page is seen again after a sleep. */
export function useToday(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const again = () => setNow(Date.now());
    const timer = setTimeout(again, nextDay(now) - Date.now() + 50);
    document.addEventListener('visibilitychange', again);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', again);
    };
  }, [now]);
  return now;
}

/** Whole seconds until a moment, counted down; null without one. */
export function useCountdown(until: number | null): number | null {
  const [, tick] = useState(0);
  useEffect(() => {
    if (until === null) {
      return;
    }
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? null : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
