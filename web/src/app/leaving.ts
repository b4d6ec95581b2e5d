import type { State } from '@parley-chat/client';
import { useEffect } from 'react';
import { useClient } from './client';

/** Whether something that was said waits for the connection: it is in this page's memory alone. */
function waits(state: State): boolean {
  return Object.values(state.rooms).some((room) =>
    room.entries.some((entry) => entry.kind === 'message' && entry.state === 'pending'),
  );
}

/** Lets the browser ask before the page goes, by closing or reloading, while a message waits in it for the connection. */
export function useAskBeforeLeaving(): void {
  const client = useClient();
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      const state = client.getState();
      const away = state.status === 'disconnected' || state.status === 'connecting';
      if (away && state.ended === null && waits(state)) {
        event.preventDefault();
      }
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [client]);
}
