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

const start: StartRow = { kind: 'start', key: 'start' };

/** What rows were made of, and the rows. */
interface Built {
  entries: readonly Entry[];
  rows: readonly Row[];
  hasOlder: boolean;
}

const nothing: Built = { entries: [], rows: [], hasOlder: true };

/**
 * The rows of a room, oldest first. Each entry has one row, so that rows keep their place when older ones come. What
 * was built before is used again as far as its beginning and its end are the same: one more message makes one more row.
 */
export function buildRows(
  entries: readonly Entry[],
  { hasOlder, firstUnread }: RowOptions,
  was: Built = nothing,
): Row[] {
  const line = firstUnread === null ? -1 : entries.findIndex((entry) => isFrom(entry, firstUnread));
  const known = knownRows(entries, was);
  const rows: Row[] = hasOlder ? [] : [start];
  entries.forEach((entry, i) => {
    const row = i > 0 || hasOlder === was.hasOlder ? known(i) : undefined;
    rows.push(row?.unread === (i === line) ? row : rowOf(entry, entries[i - 1] ?? null, i === line, hasOlder));
  });
  return rows;
}

/** Makes rows for one list after another. */
export function rowBuilder(): (entries: readonly Entry[], options: RowOptions) => Row[] {
  let was = nothing;
  return (entries, options) => {
    const rows = buildRows(entries, options, was);
    was = { entries, rows, hasOlder: options.hasOlder };
    return rows;
  };
}

/** The row that an entry had in the list before, if that entry and the one before it are the same. */
function knownRows(entries: readonly Entry[], was: Built): (i: number) => EntryRow | undefined {
  const most = Math.min(entries.length, was.entries.length);
  const moved = entries.length - was.entries.length;
  let head = 0;
  while (head < most && entries[head] === was.entries[head]) {
    head++;
  }
  let tail = entries.length;
  while (tail > entries.length - most + head && entries[tail - 1] === was.entries[tail - 1 - moved]) {
    tail--;
  }
  const first = was.hasOlder ? 0 : 1;
  return (i) => {
    const row = i < head ? was.rows[i + first] : i > tail ? was.rows[i - moved + first] : undefined;
    return row?.kind === 'entry' ? row : undefined;
  };
}

function rowOf(entry: Entry, before: Entry | null, unread: boolean, hasOlder: boolean): EntryRow {
  const newDay = before ? dayOf(before.time) !== dayOf(entry.time) : !hasOlder;
  const grouped = !unread && !newDay && goesOn(before, entry);
  return { kind: 'entry', key: entry.key, entry, newDay, unread, grouped };
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

/** Whether two lists have a row in common at an end: else one looks at another part of the room. */
export function isSameView(was: readonly Row[], now: readonly Row[]): boolean {
  if (was.length === 0 || now.length === 0) {
    return true;
  }
  const has = (rows: readonly Row[], row: Row | undefined) =>
    row?.kind === 'entry' && rows.some((other) => other.key === row.key);
  const [first, last] = [was.find((row) => row.kind === 'entry'), was.at(-1)];
  return (
    first === undefined || last?.key === now.at(-1)?.key || has(now, first) || has(now, last) || has(was, now.at(-1))
  );
}

/** Index of the row of a message, by its id; -1 if there is none. */
export function messageRow(rows: readonly Row[], id: string): number {
  return rows.findIndex((row) => row.kind === 'entry' && row.entry.kind === 'message' && row.entry.id === id);
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

/** Key of the next message from a row on, in a direction; null if there is none. */
export function nextMessage(rows: readonly Row[], from: number, step: 1 | -1): string | null {
  for (let i = from; i >= 0 && i < rows.length; i += step) {
    const row = rows[i];
    if (row?.kind === 'entry' && row.entry.kind === 'message') {
      return row.key;
    }
  }
  return null;
}

/** n of the last stored message; 0 if there is none. */
export function lastStored(entries: readonly Entry[]): number {
  return entries.findLast((e): e is MessageEntry => e.kind === 'message' && e.n !== null)?.n ?? 0;
}
