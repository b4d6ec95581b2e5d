import type { Client } from '@parley-chat/client';
import type { RestMessage } from '@parley-chat/client/rest';
import { useMemo } from 'react';
import { useClient } from '../../app/client';
import { cell } from '../cell';

/** What of a message is shown outside of its room's list. */
export type Told = Pick<RestMessage, 'id' | 'content' | 'deleted'> & Partial<Pick<RestMessage, 'edited' | 'replies'>>;

/** What was heard of a message last; replies null: none stands. */
interface Change {
  room: string;
  deleted?: true;
  text?: { content: string; edited: string };
  replies?: RestMessage['replies'] | null;
}

/** Of so many messages it is remembered. */
const most = 1000;

const known = new WeakMap<Client, ReturnType<typeof listen>>();

/**
 * What is heard of messages from the first call on, by their ids. Whoever shows messages that came with an answer calls this before
 * asking: a change may be heard before the answer comes, which is older.
 */
export function heardBy(client: Client) {
  let heard = known.get(client);
  if (!heard) {
    heard = listen(client);
    known.set(client, heard);
  }
  return heard;
}

function listen(client: Client) {
  const heard = cell<ReadonlyMap<string, Change>>(new Map());
  let me: string | undefined;
  const note = (room: string, id: string, change: Omit<Change, 'room'>) => {
    const next = new Map(heard.get());
    const before = next.get(id);
    next.delete(id);
    next.set(id, before?.deleted ? before : { ...before, ...change, room });
    for (const old of next.keys()) {
      if (next.size <= most) {
        break;
      }
      next.delete(old);
    }
    heard.set(next);
  };
  client.link.onFrame((frame, isNew) => {
    if (frame.type === 'welcome' && frame.user_id !== me) {
      me = frame.user_id;
      heard.set(new Map());
    } else if (frame.type === 'reset') {
      // Something may have been missed there; what is deleted stays so.
      heard.set(new Map([...heard.get()].filter(([, { room, deleted }]) => deleted || room !== frame.room)));
    } else if (isNew && frame.type === 'message' && frame.thread) {
      note(frame.room, frame.thread, { replies: frame.replies ?? null });
    } else if (isNew && frame.type === 'change' && frame.message) {
      const { kind, room, message, data } = frame;
      if (kind === 'delete' || data.deleted === true) {
        note(room, message, { deleted: true });
      } else if (kind === 'edit' && typeof data.content === 'string') {
        note(room, message, { text: { content: data.content, edited: String(data.edited) } });
      }
      if (typeof data.thread === 'string') {
        note(room, data.thread, { replies: (data.replies as RestMessage['replies']) ?? null });
      }
    }
  });
  return heard;
}

/** A message of an answer, after what was heard of it. An answer that knows of a later edit keeps its text. */
function after<M extends Told>(message: M, change: Change | undefined): M {
  if (!change || message.deleted) {
    return message;
  }
  if (change.deleted) {
    return { ...message, content: '', deleted: true };
  }
  const { text, replies } = change;
  const later = text && !(Date.parse(message.edited ?? '') > Date.parse(text.edited));
  return { ...message, ...(later && text), ...(replies !== undefined && { replies: replies ?? undefined }) };
}

/** A message that came with an answer, as it is now: what is deleted has no text, and an edit shows. */
export function useNow<M extends Told | null | undefined>(message: M): M {
  const heard = heardBy(useClient());
  const change = heard.use((all) => all.get(message?.id ?? ''));
  return useMemo(() => message && after(message, change), [message, change]);
}
