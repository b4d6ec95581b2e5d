import type { Client } from '@parley-chat/client';
import { useEffect, useSyncExternalStore } from 'react';
import { useClient, useParley } from '../app/client';

/** How the page stands with the server, as people are told of it. */
export type Connection = 'connected' | 'connecting' | 'reconnecting' | 'offline' | 'signed_out';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Clients whose first attempt is over. */
const tried = new WeakSet<Client>();

/**
 * The connection in one word. Whether the device has a network is asked only while there is none to the server: one on
 * the same machine answers without.
 */
export function useConnection(): Connection {
  const client = useClient();
  const status = useParley((state) => state.status);
  const network = useSyncExternalStore(subscribe, () => navigator.onLine);
  useEffect(() => {
    if (status !== 'connecting') {
      tried.add(client);
    }
  }, [client, status]);
  if (status === 'connected' || status === 'signed_out') {
    return status;
  }
  if (!network) {
    return 'offline';
  }
  return status === 'connecting' && !tried.has(client) ? 'connecting' : 'reconnecting';
}
