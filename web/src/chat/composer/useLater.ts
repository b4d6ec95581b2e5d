import { useEffect, useState } from 'react';

/**
 * Code or data that is fetched once it is wanted: undefined until it is there, null where it could not be fetched. It is then
 * tried again the next time that it is wanted.
 */
export function useLater<T>(load: () => Promise<T>, wanted: boolean): T | null | undefined {
  const [got, setGot] = useState<{ it: T | null }>();
  const there = Boolean(got?.it);
  useEffect(() => {
    if (!wanted || there) {
      return;
    }
    let current = true;
    setGot(undefined);
    load().then(
      (it) => current && setGot({ it }),
      () => current && setGot({ it: null }),
    );
    return () => {
      current = false;
    };
  }, [load, wanted, there]);
  return got?.it;
}
