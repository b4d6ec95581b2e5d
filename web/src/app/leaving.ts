import { useEffect } from 'react';
import { unsavedReplies } from '../threads/threads';
import { useClient } from './client';

/** Lets the browser ask before the page goes, by closing or reloading, while what was said waits in this page's memory alone. */
export function useAskBeforeLeaving(): void {
  const client = useClient();
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      const state = client.getState();
      const away = state.status === 'disconnected' || state.status === 'connecting';
      if (away && state.ended === null && (client.unsaved() || unsavedReplies(client))) {
        event.preventDefault();
      }
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [client]);
}
