/** What is said in any room while the client is connected, each message once: for notifications. */
import { nameOf } from './names.ts';
import { aroundOf } from './reduce.ts';
import { names } from './reduce-room.ts';
import type { Client } from './types.ts';

/** A message that the server tells of while the client is connected. */
export interface Heard {
  readonly room: string;
  readonly id: string;
  readonly n: number;
  readonly user: string;
  readonly userId: string;
  readonly content: string;
  /** It names this person, by their name or among all of the room, and its author is not blocked. */
  readonly names: boolean;
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
    const known = state.rooms[room]!;
    const mine = userId === state.me?.id;
    listener({
      room,
      id,
      n,
      user,
      userId,
      content,
      names: !mine && Boolean(names(frame, known, aroundOf(state, room, 0))),
      past: seq <= known.sync.head,
    });
  });
}
