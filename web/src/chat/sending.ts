import { createContext, useContext, useMemo } from 'react';
import { useClient } from '../app/client';

/** What can be done with a message that was not sent. */
export interface Sends {
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
}

const Context = createContext<Sends | null>(null);

/** Where messages are not those of a room's list, such as in a thread, this says who sends them. */
export const Sending = Context.Provider;

/** Whether one is where messages are not those of a room's list. */
export const useApart = (): boolean => useContext(Context) !== null;

/** Who sends what is said here: the room, unless something around says otherwise. */
export function useSends(room: string): Sends {
  const client = useClient();
  const other = useContext(Context);
  return useMemo(
    () =>
      other ?? {
        retry: (clientId) => client.retry(room, clientId),
        discard: (clientId) => client.discard(room, clientId),
      },
    [client, room, other],
  );
}
