import type { Entry, MessageEntry, State } from '@parley-chat/client';
import { useEffect, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { timeline } from '../text/timeline';
import styles from './Timeline.module.css';

/** What comes within this time is read out at once, in ms. */
const burst = 500;
/** Of more messages than this at once only their number and the last one are read out. */
const most = 3;
/** So much of a message is read out, in characters. */
const longest = 300;
/** So many lines stay for those who go back to them. */
const kept = 5;

/** Reads out what others say in the room from now on, but who is blocked, and nothing that is loaded, or was there when the room was opened. */
export function News({ name }: { name: string }) {
  const client = useClient();
  const [lines, setLines] = useState<{ key: string; text: string }[]>([]);
  useEffect(() => {
    let fresh: MessageEntry[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = newsOf(name);
    const flush = () => {
      timer = undefined;
      const said = linesOf(fresh, client.getState().people);
      fresh = [];
      setLines((before) => [...before, ...said].slice(-kept));
    };
    const look = () => {
      const said = next(client.getState());
      if (said.length > 0) {
        fresh.push(...said);
        timer ??= setTimeout(flush, burst);
      }
    };
    look();
    const end = client.subscribe(look);
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [client, name]);
  const gone = useParley((state) => goneOf(state.rooms[name]?.entries ?? [], lines));
  return (
    <div className={styles.hidden} role="log" aria-live="polite" aria-relevant="additions" aria-label={timeline.news}>
      {lines.map(({ key, text }) => !gone.includes(key) && <p key={key}>{text}</p>)}
    </div>
  );
}

/** The keys of those lines whose message was deleted since, as one string. */
const goneOf = (entries: readonly Entry[], lines: readonly { key: string }[]): string =>
  entries
    .filter((entry) => entry.kind === 'message' && entry.deleted && lines.some(({ key }) => key === entry.key))
    .map((entry) => entry.key)
    .join(' ');

const nothing: MessageEntry[] = [];

/** Returns what others have said since the call before; what is there at the first call, or comes before the connection, is not new. */
export function newsOf(name: string): (state: State) => MessageEntry[] {
  let last: number | null = null;
  let seen: unknown = null;
  return (state) => {
    const room = state.rooms[name];
    if (!room || state.open !== name || room.entries === seen) {
      return nothing;
    }
    if (last === null) {
      last = state.status === 'connected' ? room.lastN : null;
      return nothing;
    }
    seen = room.entries;
    const fresh: MessageEntry[] = [];
    for (let i = room.entries.length - 1; i >= 0; i--) {
      const entry = room.entries[i];
      if (entry?.kind === 'message' && entry.n !== null) {
        if (entry.n <= last) {
          break;
        }
        fresh.unshift(entry);
      }
    }
    last = fresh.at(-1)?.n ?? last;
    return fresh.filter(({ userId, deleted }) => userId !== state.me?.id && !deleted && !state.blocked?.has(userId));
  };
}

/** What is read out of some messages. */
export function linesOf(fresh: readonly MessageEntry[], people: State['people']): { key: string; text: string }[] {
  const name = (entry: MessageEntry) => people[entry.userId]?.display || entry.user;
  const text = (entry: MessageEntry) =>
    entry.content.length > longest ? `${entry.content.slice(0, longest)}…` : entry.content;
  const last = fresh.at(-1);
  if (last && fresh.length > most) {
    return [{ key: last.key, text: timeline.saidMany(fresh.length, name(last), text(last)) }];
  }
  return fresh.map((entry) => ({ key: entry.key, text: timeline.said(name(entry), text(entry)) }));
}
