/**
 * A room's list: first what has a place in the room's sequence, oldest first, then the tail of what is pending or has
 * failed. Join and leave lines have no number and stand behind the entry that they came after. Every function
 * returns a new list or the one it was given, and none is deeper than one shallow copy.
 */
import type { Entry, MessageEntry, NoticeEntry, NoticeKind } from './types.ts';

export type List = readonly Entry[];

const none: readonly never[] = [];
/** What a deletion takes from a message, as it is without. */
const bare = {
  html: null,
  edited: null,
  quote: null,
  mentions: none,
  mentionsAll: null,
  reactions: none,
  pinned: false,
  saved: false,
} as const;

/** What a message is before more is known of it. */
export const blank = {
  kind: 'message',
  id: null,
  seq: null,
  n: null,
  error: null,
  code: null,
  deleted: false,
  thread: null,
  replies: null,
  ...bare,
} as const;

/** tombstone is what stays of a message that was deleted. */
export const tombstone = (m: MessageEntry): MessageEntry => ({ ...m, ...bare, content: '', deleted: true });

/** altered is a list in which the message with this id is another. */
export function altered<L extends List>(list: L, id: string, change: (m: MessageEntry) => MessageEntry): L {
  for (let i = list.length - 1; i >= 0; i--) {
    const e = list[i]!;
    if (e.kind !== 'message' || e.id !== id) continue;
    const next = change(e);
    return next === e ? list : (splice(list, i, 1, next) as unknown as L);
  }
  return list;
}

export const unsettled = (e: Entry): e is MessageEntry => e.kind === 'message' && e.state !== 'sent';

/** tailStart is the index of the first pending or failed message, or the length. */
export function tailStart(list: List): number {
  let i = list.length;
  while (i > 0 && unsettled(list[i - 1]!)) i--;
  return i;
}

/** findUnsettled looks for a message that waits for the server; -1 if there is none. */
export function findUnsettled(list: List, clientId: string): number {
  for (let i = list.length - 1; i >= 0; i--) {
    const e = list[i]!;
    if (!unsettled(e)) return -1;
    if (e.clientId === clientId) return i;
  }
  return -1;
}

/**
 * place is the index behind the last settled entry whose number is at most seq, and whether one has that very number.
 * Where no entry has a number it is behind the lines.
 */
function place(list: List, seq: number): { at: number; taken: boolean } {
  const tail = tailStart(list);
  let numbered = false;
  for (let i = tail; i > 0; i--) {
    const at = list[i - 1]!.seq;
    if (at === null) continue;
    numbered = true;
    if (at <= seq) return { at: at === seq ? i - 1 : behindLines(list, i), taken: at === seq };
  }
  return { at: numbered ? 0 : tail, taken: false };
}

/** behindLines passes over the join and leave lines that follow an entry. */
function behindLines(list: List, i: number): number {
  while (i < list.length && list[i]!.kind === 'notice' && list[i]!.seq === null) i++;
  return i;
}

export function splice(list: List, at: number, remove: number, ...add: Entry[]): List {
  const next = list.slice();
  next.splice(at, remove, ...add);
  return next;
}

/** settle puts an entry that has a number to its place. One that is there already stays as it is. */
export function settle(list: List, entry: Entry & { seq: number }): List {
  const { at, taken } = place(list, entry.seq);
  return taken ? list : splice(list, at, 0, entry);
}

/**
 * merge unites a page with the list. page is in order and whole between its first and last number; where both
 * have a number, the list's entry keeps its key.
 */
export function merge(list: List, page: readonly MessageEntry[]): List {
  const known = new Map<number, Entry>();
  const tail = tailStart(list);
  const first = list.findIndex((e, i) => i < tail && e.seq !== null);
  if (first >= 0 && page.length > 0 && page.at(-1)!.seq! < list[first]!.seq!) return [...page, ...list]; // as all older pages
  for (let i = 0; i < tail; i++) if (list[i]!.seq !== null) known.set(list[i]!.seq!, list[i]!);
  const fresh = page.filter((m) => !known.has(m.seq!));
  if (fresh.length === 0) return list;
  const out: Entry[] = [];
  let next = 0;
  while (next < fresh.length && (first < 0 || fresh[next]!.seq! < list[first]!.seq!)) out.push(fresh[next++]!); // before lines as well
  for (let i = 0; i < tail; i++) {
    const e = list[i]!;
    while (e.seq !== null && next < fresh.length && fresh[next]!.seq! < e.seq) out.push(fresh[next++]!);
    out.push(e);
  }
  return out.concat(fresh.slice(next), list.slice(tail));
}

export function newNotice(
  notice: NoticeKind,
  users: readonly string[],
  text: string | null,
  time: number,
  seq: number | null,
  key: string,
  by: string | null = null,
): NoticeEntry {
  return { kind: 'notice', key, notice, users, by, text, time, seq };
}

/** oldestSeq is the number of the oldest message in the list; null if it has none. */
export function oldestSeq(list: List): number | null {
  for (const e of list) if (e.kind === 'message' && e.seq !== null) return e.seq;
  return null;
}

/** How many entries a room that is not on screen may hold before it is cut to half of that. */
export const KEPT = 2000;

/** trim cuts the oldest entries of a list that nobody looks at. */
export function trim(list: List): List {
  if (list.length <= KEPT) return list;
  const cut = list.slice(-KEPT / 2);
  const first = cut.findIndex((e) => e.kind === 'message');
  return first > 0 ? cut.slice(first) : cut;
}
