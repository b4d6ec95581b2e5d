import { type ReactNode, useEffect, useState } from 'react';

/** Shows what it holds only when the wait has grown long enough to be felt: 200 ms. */
export function Delayed({ children, ms = 200 }: { children: ReactNode; ms?: number }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return shown ? children : null;
}
