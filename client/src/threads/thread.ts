/** What frames, pages and sends do to one thread. Pure; a thread that nothing happens to keeps its identity. */
import { blank, findUnsettled, merge, oldestSeq, settle, splice, tailStart } from '../entries.ts';
import type { MessageFrame } from '../protocol.ts';
import { type Page, stored } from '../reduce-room.ts';
import type { Me, MessageEntry, Replies } from '../types.ts';

export interface Thread {
  /** Id of the message that it is about. */
  readonly id: string;
  readonly room: string;
  /** null until it is loaded. */
  readonly root: MessageEntry | null;
  /** Oldest first: what is stored, whole, then what is pending or failed. */
  readonly replies: readonly MessageEntry[];
  readonly hasOlder: boolean;
  readonly loading: 'none' | 'first' | 'older';
  /** Why it could not be loaded, to be shown. */
  readonly error: string | null;
  readonly following: boolean;
  /** seq of the first reply that was unread when the thread was opened; null: none was. */
  readonly firstUnread: number | null;
  /** How it stands with the server. Not for pages; it may change between versions. */
  readonly sync: ThreadSync;
}

export interface ThreadSync {
  /** Whether the newest page has been taken in; what is stored then hangs together. */
  readonly loaded: boolean;
  /** The epoch of its numbers. */
  readonly epoch: string;
  /** Where the person's cursor stands on the server. */
  readonly readSeq: number;
}

type Reply = Omit<MessageFrame, 'type'>;

export function newThread(room: string, id: string): Thread {
  return {
    id,
    room,
    root: null,
    replies: [],
    hasOlder: false,
    loading: 'none',
    error: null,
    following: false,
    firstUnread: null,
    sync: { loaded: false, epoch: '', readSeq: 0 },
  };
}

/** forgotten is a thread of which only what waits to be sent is left: its numbers are no longer true. */
export function forgotten(t: Thread): Thread {
  const waiting = t.replies.slice(tailStart(t.replies));
  return { ...newThread(t.room, t.id), root: t.root, replies: waiting, following: t.following };
}

/** replied takes in a stored reply. If it is one that waits here, it takes that one's place. */
export function replied(t: Thread, reply: Reply, me: string): Thread {
  const at = reply.user_id === me && reply.client_id ? findUnsettled(t.replies, reply.client_id) : -1;
  const entry = { ...stored(reply, at < 0 ? reply.id : t.replies[at]!.key), replies: null }; // those are its root's
  const rest = at < 0 ? t.replies : splice(t.replies, at, 1);
  const first = oldestSeq(rest);
  const within = t.sync.loaded && (!t.hasOlder || first === null || entry.seq > first);
  const replies = (within ? settle(rest, entry) : rest) as MessageEntry[];
  return replies === t.replies ? t : { ...t, replies };
}

/** pagedNewest takes in the newest page, with the root if that was asked for. */
export function pagedNewest(t: Thread, page: Page, me: string): Thread {
  const known = page.epoch === t.sync.epoch ? t : forgotten(t);
  const replies = united(known.replies, page, me);
  return {
    ...known,
    replies,
    hasOlder: known.sync.loaded ? known.hasOlder : page.has_more,
    loading: 'none',
    error: null,
    sync: { ...known.sync, loaded: true, epoch: page.epoch },
  };
}

/** pagedOlder puts a page before the list, if that still begins where it began when the page was asked for. */
export function pagedOlder(t: Thread, page: Page, before: number, me: string): Thread {
  const next: Thread = { ...t, loading: 'none', error: null };
  if (page.epoch !== t.sync.epoch || oldestSeq(t.replies) !== before) return next;
  return { ...next, replies: united(t.replies, page, me), hasOlder: page.has_more };
}

function united(list: readonly MessageEntry[], page: Page, me: string): readonly MessageEntry[] {
  let rest: readonly MessageEntry[] = list;
  const fresh = page.messages.map((m) => {
    const at = m.user_id === me && m.client_id ? findUnsettled(rest, m.client_id) : -1;
    if (at < 0) return stored(m, m.id);
    const { key } = rest[at]!;
    rest = splice(rest, at, 1) as MessageEntry[];
    return stored(m, key);
  });
  return merge(rest, fresh) as MessageEntry[];
}

/** opened marks the line between old and new, where so many replies of others are new. */
export function opened(t: Thread, unread: number, me: string): Thread {
  const theirs = t.replies.filter((r) => r.seq !== null && r.userId !== me && !r.deleted);
  const firstUnread = unread > 0 ? ((theirs.at(-unread) ?? theirs[0])?.seq ?? null) : null;
  return firstUnread === t.firstUnread ? t : { ...t, firstUnread };
}

/** lastSeq is the number of the last stored reply; 0 if there is none. */
export const lastSeq = (t: Thread): number => t.replies[tailStart(t.replies) - 1]?.seq ?? 0;

/** edited applies a change to the root or a reply, whichever has the id. */
export function edited(t: Thread, id: string, change: (m: MessageEntry) => MessageEntry): Thread {
  if (t.root?.id === id) {
    const root = change(t.root);
    return root === t.root ? t : { ...t, root };
  }
  const at = t.replies.findIndex((r) => r.id === id);
  if (at < 0) return t;
  const now = change(t.replies[at]!);
  return now === t.replies[at] ? t : { ...t, replies: splice(t.replies, at, 1, now) as MessageEntry[] };
}

/** summed takes over what a frame says of the replies to the root, if it does. */
export function summed(t: Thread, of: { thread?: unknown; replies?: unknown }): Thread {
  if (of.thread !== t.id || !t.root) return t;
  const replies = of.replies as Replies | undefined;
  return { ...t, root: { ...t.root, replies: replies?.count ? replies : null } };
}

/** waiting changes a reply that is pending or has failed. */
export function waiting(t: Thread, clientId: string, change: (m: MessageEntry) => MessageEntry | null): Thread {
  const at = findUnsettled(t.replies, clientId);
  if (at < 0) return t;
  const now = change(t.replies[at]!);
  return { ...t, replies: splice(t.replies, at, 1, ...(now === null ? [] : [now])) as MessageEntry[] };
}

/** firstPending is the reply that is to be sent next. */
export const firstPending = (t: Thread): MessageEntry | undefined =>
  t.replies.slice(tailStart(t.replies)).find((m) => m.state === 'pending');

export const pendingReply = (
  me: Me | null,
  root: string,
  clientId: string,
  content: string,
  now: number,
): MessageEntry => ({
  ...blank,
  key: clientId,
  user: me?.name ?? '',
  userId: me?.id ?? '',
  content,
  time: now,
  clientId,
  state: 'pending',
  thread: root,
});
