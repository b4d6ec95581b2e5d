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

/** What rows were made of, and one for each entry. */
interface Built {
  entries: readonly Entry[];
  rows: readonly EntryRow[];
  hasOlder: boolean;
  /** Index of the entry under the line "New messages"; -1 if there is none. */
  line: number;
}

const nothing: Built = { entries: [], rows: [], hasOlder: true, line: -1 };

/** The rows of a room, oldest first. Each entry has one row, so that rows keep their place when older ones come. */
export function buildRows(entries: readonly Entry[], options: RowOptions): Row[] {
  return rowBuilder()(entries, options);
}

/**
 * Makes rows for one list after another. What was made before is used again as far as the beginning and the end of both
 * lists are the same: one more message makes one more row, however many there are.
 */
export function rowBuilder(): (entries: readonly Entry[], options: RowOptions) => Row[] {
  let was = nothing;
  return (entries, options) => {
    was = { entries, hasOlder: options.hasOlder, ...rebuild(entries, options, was) };
    return options.hasOlder ? [...was.rows] : [start, ...was.rows];
  };
}

function rebuild(
  entries: readonly Entry[],
  { hasOlder, firstUnread }: RowOptions,
  was: Built,
): Pick<Built, 'rows' | 'line'> {
  const line = firstUnread === null ? -1 : entries.findIndex((entry) => isFrom(entry, firstUnread));
  const rowAt = (i: number) => rowOf(entries[i] as Entry, entries[i - 1] ?? null, i === line, hasOlder);
  const moved = entries.length - was.entries.length;
  const { head, tail } = unchanged(entries, was.entries);
  // The first entry of an unchanged end has another one before it.
  const rest = Math.min(tail + 1, entries.length);
  const rows = was.rows.slice(0, head);
  for (let i = head; i < rest; i++) {
    rows.push(rowAt(i));
  }
  const all = rows.concat(was.rows.slice(rest - moved));
  // What the line and the beginning of the room make of a row that is otherwise the same.
  for (const i of [0, line, was.line, was.line + moved]) {
    const row = all[i];
    if (row && (row.unread !== (i === line) || (i === 0 && hasOlder !== was.hasOlder))) {
      all[i] = rowAt(i);
    }
  }
  return { rows: all, line };
}

/** How far two lists are the same: entries before head, and those from tail on. */
function unchanged(entries: readonly Entry[], was: readonly Entry[]): { head: number; tail: number } {
  const most = Math.min(entries.length, was.length);
  const moved = entries.length - was.length;
  let head = 0;
  while (head < most && entries[head] === was[head]) {
    head++;
  }
  let tail = entries.length;
  while (tail > entries.length - most + head && entries[tail - 1] === was[tail - 1 - moved]) {
    tail--;
  }
  return { head, tail };
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

/** Id of the message in a row; null if it has none. */
export function idOf(row: Row | undefined): string | null {
  return row?.kind === 'entry' && row.entry.kind === 'message' ? row.entry.id : null;
}

/** Index of the row of a message, by its id; -1 if there is none. */
export function messageRow(rows: readonly Row[], id: string): number {
  return rows.findIndex((row) => idOf(row) === id);
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
