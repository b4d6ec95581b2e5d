import { useEffect, useState } from 'react';

/** The time in milliseconds since 1970, drawn afresh every so many milliseconds. */
export function useTick(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
