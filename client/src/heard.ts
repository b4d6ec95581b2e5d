/** What is said in any room while the client is connected, each message once: for notifications. */
import { nameOf } from './names.ts';
import type { Client } from './types.ts';

/** A message that the server tells of while the client is connected. */
export interface Heard {
  readonly room: string;
  readonly id: string;
  readonly n: number;
  readonly user: string;
  readonly userId: string;
  readonly content: string;
  /** It was said before this connection began. */
  readonly past: boolean;
}

/**
 * onMessage calls the listener once with each message of every room, in the room's order: what others say and what this person says
 * elsewhere, but not what is said here, no replies in threads, and no pages of history. Returns what ends it.
 */
export function onMessage(client: Client, listener: (message: Heard) => void): () => void {
  return client.link.onFrame((frame, isNew) => {
    if (!isNew || frame.type !== 'message' || frame.thread) return;
    const { id, n = 0, user, user_id: userId, content, seq } = frame;
    const state = client.getState();
    const room = nameOf(state, frame.room);
    listener({ room, id, n, user, userId, content, past: seq <= state.rooms[room]!.sync.head });
  });
}
