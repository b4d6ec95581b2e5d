/** Parley in React: a room is open for as long as a component shows it. */
import {
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { hold } from './hold.ts';
import type { Client, State } from './types.ts';
import { actionsOf, type RoomActions, type RoomView, viewOf } from './view.ts';

export type { RoomActions, RoomView } from './view.ts';

const Context = createContext<Client | null>(null);

/** ParleyProvider gives a client to the components inside of it. */
export function ParleyProvider({ client, children }: { client: Client; children?: ReactNode }) {
  return createElement(Context.Provider, { value: client }, children);
}

/** useClient returns the client that is given, else the provider's. */
export function useClient(given?: Client): Client {
  const client = useContext(Context);
  if (given) return given;
  if (!client) throw new Error('There is no ParleyProvider around this component, and no client was given.');
  return client;
}

/**
 * useParley returns a part of the client's state. select must return something of the state, or a string, number or
 * boolean made of it: a new object or list each time would draw without end.
 */
export function useParley<T>(select: (state: State) => T, given?: Client): T {
  const client = useClient(given);
  const get = () => select(client.getState());
  return useSyncExternalStore(client.subscribe, get, get);
}

/**
 * useRoom opens a room while the component is there, and returns what it shows and what can be done in it. The client
 * is started by the first room and stopped after the last, unless the page has started it itself.
 */
export function useRoom(name: string, given?: Client): RoomView & RoomActions {
  const client = useClient(given);
  const state = useSyncExternalStore(client.subscribe, client.getState, client.getState);
  const [failed, setFailed] = useState<{ name: string; why: unknown } | null>(null);
  useEffect(() => {
    let here = true;
    const { opened, release } = hold(client, name);
    opened.then(
      () => here && setFailed(null),
      (why: unknown) => here && setFailed({ name, why }),
    );
    return () => {
      here = false;
      release();
    };
  }, [client, name]);
  const room = useCallback(() => name, [name]);
  const actions = useMemo(() => actionsOf(client, room), [client, room]);
  const why = failed?.name === name ? failed.why : null;
  return useMemo(() => ({ ...viewOf(state, name, why), ...actions }), [state, name, why, actions]);
}
