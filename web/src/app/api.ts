import { type Rest, rest } from '@parley-chat/client/rest';
import { createContext, useContext } from 'react';
import { useClient } from './client';

/** Takes the place of the server's routes, for tests. */
export const Routes = createContext<Rest | null>(null);

/** Every route of the server. Not for what the first page needs: the client's own api has that. */
export function useApi(): Rest {
  const client = useClient();
  return useContext(Routes) ?? rest(client);
}
