import type { Client, State } from '@parley-chat/client';
import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from 'react';

const Context = createContext<Client | null>(null);

export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <Context value={client}>{children}</Context>;
}

/** The connection to the server, and all that is known of it. */
export function useClient(): Client {
  const client = useContext(Context);
  if (!client) {
    throw new Error('useClient stands outside of ClientProvider');
  }
  return client;
}

/**
 * A part of the client's state. The selector must give what is in the state, or a string, number or boolean made of
 * it; a new object or list each time would draw without end.
 */
export function useParley<T>(selector: (state: State) => T): T {
  const client = useClient();
  const subscribe = useCallback((listener: () => void) => client.subscribe(listener), [client]);
  return useSyncExternalStore(subscribe, () => selector(client.getState()));
}
