/** Threads: the replies to a message, live, what one says in them, and which of those that one follows have something new. */
import { ThreadStore, type ThreadsState } from './threads/store.ts';
import type { Client } from './types.ts';

export type { ThreadsState } from './threads/store.ts';
export type { Thread } from './threads/thread.ts';

/** Methods take the room's name and the id of the message that the thread is about. */
export interface Threads {
  getState(): ThreadsState;
  /** The listener is called after changes, at most about 60 times a second; returns what ends it. */
  subscribe(listener: () => void): () => void;
  /** Puts a thread on screen, loads it if need be and, while the page is looked at, marks it read. What went wrong stands in its error. */
  open(room: string, root: string): Promise<void>;
  /** No thread is on screen. */
  close(): void;
  /** Loads 50 replies before the oldest one. */
  loadOlder(root: string): Promise<void>;
  /** Says something: shows it as pending and sends it, now or at the next connection. Returns its client_id. */
  send(root: string, content: string): string;
  /** Sends a failed reply again. */
  retry(root: string, clientId: string): void;
  /** Takes a failed reply off the list. */
  discard(root: string, clientId: string): void;
  /** Rejects with an ApiError; the thread is then as it was. */
  follow(room: string, root: string, following: boolean): Promise<void>;
  /** Everything in the thread has been seen, up to a reply's seq. */
  read(room: string, root: string, seq: number): Promise<void>;
  /** Whether a reply waits to be sent that would be lost if the page went now. */
  unsaved(): boolean;
}

const made = new WeakMap<Client, Threads>();

/** threads returns the threads of a client, always the same. They are live from the first call on. */
export function threads(client: Client): Threads {
  let all = made.get(client);
  if (!all) {
    all = new ThreadStore(client);
    made.set(client, all);
  }
  return all;
}
