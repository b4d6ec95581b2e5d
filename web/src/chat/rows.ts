import type { Entry, MessageEntry } from '@parley-chat/client';
import { dayOf } from './days';

/** Messages of one author within this time stand under one name. */
export const groupMs = 5 * 60 * 1000;

/** One row of the timeline: an entry with what stands above it. */
export interface EntryRow {
  kind: 'entry';
  key: string;
  entry: Entry;
  /** It is the first of its local day: the day is written above it. */
  newDay: boolean;
  /** The line "New messages" stands above it. */
  unread: boolean;
  /** It goes on from the message before: no name, no picture. */
  grouped: boolean;
}

/** The beginning of the room, above its first entry. */
export interface StartRow {
  kind: 'start';
  key: 'start';
}

export type Row = EntryRow | StartRow;

export interface RowOptions {
  /** There are messages before the first one here: it may go on from one, and its day may have begun earlier. */
  hasOlder: boolean;
  /** n of the message above which "New messages" stands; null: nowhere. */
  firstUnread: number | null;
}

/** The rows of a room, oldest first. Each entry has one row, so that rows keep their place when older ones come. */
export function buildRows(entries: readonly Entry[], { hasOlder, firstUnread }: RowOptions): Row[] {
  const rows: Row[] = hasOlder ? [] : [{ kind: 'start', key: 'start' }];
  let before: Entry | null = null;
  let lined = firstUnread === null;
  for (const entry of entries) {
    const unread = !lined && isFrom(entry, firstUnread);
    lined ||= unread;
    const newDay = before ? dayOf(before.time) !== dayOf(entry.time) : !hasOlder;
    rows.push({
      kind: 'entry',
      key: entry.key,
      entry,
      newDay,
      unread,
      grouped: !unread && !newDay && goesOn(before, entry),
    });
    before = entry;
  }
  return rows;
}

function isFrom(entry: Entry, n: number | null): boolean {
  return entry.kind === 'message' && entry.n !== null && n !== null && entry.n >= n;
}

function goesOn(before: Entry | null, entry: Entry): boolean {
  return (
    before?.kind === 'message' &&
    entry.kind === 'message' &&
    before.userId === entry.userId &&
    before.user === entry.user &&
    Math.abs(entry.time - before.time) < groupMs
  );
}

/** Whether rows were put before the first: then the list keeps its place from its end. */
export function isPrepend(was: readonly Row[], now: readonly Row[]): boolean {
  const first = was[0];
  if (!first || now.length <= was.length || now[0]?.key === first.key) {
    return false;
  }
  const at = now.length - was.length;
  return now[at]?.key === first.key || now.some((row) => row.key === first.key);
}

/** Index of the row with the line "New messages"; -1 if there is none. */
export function unreadRow(rows: readonly Row[]): number {
  return rows.findIndex((row) => row.kind === 'entry' && row.unread);
}

/** How many messages of others stand after message n; those who are away from the end have not seen them. */
export function countAfter(entries: readonly Entry[], n: number, me: string | undefined): number {
  let count = 0;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    if (entry?.kind !== 'message' || entry.n === null) {
      continue;
    }
    if (entry.n <= n) {
      break;
    }
    count += entry.userId === me ? 0 : 1;
  }
  return count;
}

/** n of the last stored message; 0 if there is none. */
export function lastStored(entries: readonly Entry[]): number {
  return entries.findLast((e): e is MessageEntry => e.kind === 'message' && e.n !== null)?.n ?? 0;
}
