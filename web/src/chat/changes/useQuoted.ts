import type { Client, MessageEntry } from '@parley-chat/client';
import type { RestMessage } from '@parley-chat/client/rest';
import { useEffect } from 'react';
import { useApi } from '../../app/api';
import { useClient, useParley } from '../../app/client';
import { cell } from '../cell';
import { find } from './find';
import { heardBy, useNow } from './now';

/** What is shown of a message that is quoted. */
export type Quoted = Pick<MessageEntry, 'user' | 'userId' | 'content' | 'deleted'>;

type Far = Quoted & Pick<RestMessage, 'id' | 'edited'>;

/** How many messages that are in no list are kept. */
const most = 200;

/** By room and id; null: it cannot be had. */
const far = cell<ReadonlyMap<string, Far | null>>(new Map());
const asked = new Set<string>();
const heard = new WeakSet<Client>();

const keyOf = (room: string, id: string) => `${room} ${id}`;

function keep(key: string, message: Far | null): void {
  const next = new Map(far.get());
  next.delete(key);
  next.set(key, message);
  for (const old of next.keys()) {
    if (next.size <= most) {
      break;
    }
    next.delete(old);
    asked.delete(old);
  }
  far.set(next);
}

function forget(which: (key: string) => boolean): void {
  for (const key of asked) {
    if (which(key)) {
      asked.delete(key);
    }
  }
  far.set(new Map([...far.get()].filter(([key]) => !which(key))));
}

const quotedOf = (m: RestMessage): Far => ({
  id: m.id,
  user: m.user,
  userId: m.user_id,
  content: m.content,
  deleted: m.deleted === true,
  edited: m.edited,
});

/** Once for each client: what may have been missed is asked for again. */
function listen(client: Client): void {
  if (heard.has(client)) {
    return;
  }
  heard.add(client);
  heardBy(client);
  client.link.onFrame((frame) => {
    if (frame.type === 'welcome' || frame.type === 'reset') {
      forget(frame.type === 'welcome' ? () => true : (key) => key.startsWith(`${frame.room} `));
    }
  });
}

/** A message that is quoted: of the lists that are loaded, else asked for. undefined: not known yet; null: it cannot be had. */
export function useQuoted(room: string, id: string): Quoted | null | undefined {
  const client = useClient();
  const api = useApi();
  const near = useParley((state) => find(state, room, id));
  const connected = useParley((state) => state.status === 'connected');
  const key = keyOf(room, id);
  const other = useNow(far.use((now) => now.get(key)));
  const wanted = near === undefined && other === undefined && connected;
  useEffect(() => listen(client), [client]);
  useEffect(() => {
    if (!wanted || asked.has(key)) {
      return;
    }
    asked.add(key);
    api.message(room, id).then(
      (m) => asked.has(key) && keep(key, quotedOf(m)),
      (err: unknown) => {
        if ((err as { status?: unknown }).status === 404) {
          keep(key, null);
        } else {
          asked.delete(key); // the next one that shows it tries again
        }
      },
    );
  }, [wanted, key, room, id, api]);
  return near ?? other;
}
