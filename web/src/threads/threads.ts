import type { Client, MessageEntry } from '@parley-chat/client';
import type { Threads, ThreadsState } from '@parley-chat/client/threads';
import { useEffect, useSyncExternalStore } from 'react';
import { useClient, useParley } from '../app/client';

/** The client's threads. Their code comes after the page has begun: until then nothing is known of them. */
const known = new WeakMap<Client, Threads>();
const came = new EventTarget();

/** Fetches the code of threads, and returns those of a client. What is wanted to be heard of rooms is kept in step as well. */
export async function loadThreads(client: Client): Promise<Threads> {
  const [{ threads }, { watchLevels }] = await Promise.all([
    import('@parley-chat/client/threads'),
    import('@parley-chat/client/levels'),
  ]);
  watchLevels(client);
  const all = threads(client);
  if (!known.has(client)) {
    known.set(client, all);
    came.dispatchEvent(new Event('came'));
  }
  return all;
}

/** Keeps threads in step from now on. Without a connection their code may not come: it is tried again with the next one. */
export function useThreadsInStep(): void {
  const client = useClient();
  const connected = useParley((state) => state.status === 'connected');
  // biome-ignore lint/correctness/useExhaustiveDependencies: a connection is a reason to try again
  useEffect(() => {
    loadThreads(client).catch(() => {});
  }, [client, connected]);
}

/** The client's threads, once their code is here. */
export function useThreads(): Threads | null {
  const client = useClient();
  return useSyncExternalStore(
    (listener) => {
      came.addEventListener('came', listener);
      return () => came.removeEventListener('came', listener);
    },
    () => known.get(client) ?? null,
  );
}

/**
 * A part of the state of threads; before that is known, what is given instead. The selector must give what is in the state,
 * or a string, number or boolean made of it.
 */
export function useThreadsState<T>(selector: (state: ThreadsState) => T, before: T): T {
  const threads = useThreads();
  return useSyncExternalStore(
    (listener) => threads?.subscribe(listener) ?? (() => {}),
    () => (threads ? selector(threads.getState()) : before),
  );
}

/** The reply with an id, or the root, of a thread that is loaded. */
export const useReply = (id: string): MessageEntry | undefined =>
  useThreadsState(({ threads }) => {
    for (const { root, replies } of Object.values(threads)) {
      const found = root?.id === id ? root : replies.find((reply) => reply.id === id);
      if (found) {
        return found;
      }
    }
  }, undefined);

/** Whether a reply waits that would be lost if the page went now. */
export const unsavedReplies = (client: Client): boolean => known.get(client)?.unsaved() ?? false;
