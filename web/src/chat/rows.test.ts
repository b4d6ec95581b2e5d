import { describe, expect, it } from 'vitest';
import {
  buildRows,
  countAfter,
  type EntryRow,
  groupMs,
  isPrepend,
  isSameView,
  lastStored,
  nextMessage,
  rowBuilder,
  unreadRow,
} from './rows';
import { message, notice } from './testing';

const noon = new Date(2026, 5, 3, 12, 0, 0).getTime();
const at = (ms: number, over = {}) => message({ time: noon + ms, ...over });
const entryRows = (rows: ReturnType<typeof buildRows>) => rows.filter((row): row is EntryRow => row.kind === 'entry');
const build = (entries: Parameters<typeof buildRows>[0], firstUnread: number | null = null, hasOlder = false) =>
  entryRows(buildRows(entries, { hasOlder, firstUnread }));

describe('grouping', () => {
  it('puts messages of one author within five minutes under one name', () => {
    const rows = build([at(0), at(groupMs - 1), at(2 * groupMs - 1)]);
    expect(rows.map((row) => row.grouped)).toEqual([false, true, false]);
  });

  it('ends with another author, with a notice, and with a guest who has the same id but another name', () => {
    const rows = build([
      at(0),
      at(1, { user: 'bob', userId: 'u-bob' }),
      at(2),
      notice({ time: noon + 3 }),
      at(4),
      at(5, { user: 'ann2' }),
    ]);
    expect(rows.map((row) => row.grouped)).toEqual([false, false, false, false, false, false]);
  });

  it('ends at midnight, however near the messages are', () => {
    const midnight = new Date(2026, 5, 4).getTime();
    const rows = build([message({ time: midnight - 1000 }), message({ time: midnight + 1000 })]);
    expect(rows.map((row) => row.newDay)).toEqual([true, true]);
    expect(rows.map((row) => row.grouped)).toEqual([false, false]);
  });

  it('ends at the line "New messages"', () => {
    const entries = [at(0, { n: 7 }), at(1, { n: 8 }), at(2, { n: 9 })];
    const rows = build(entries, 8);
    expect(rows.map((row) => row.unread)).toEqual([false, true, false]);
    expect(rows.map((row) => row.grouped)).toEqual([false, false, true]);
  });

  it('holds when a clock runs a little behind', () => {
    const rows = build([at(0), at(-2000)]);
    expect(rows[1]?.grouped).toBe(true);
  });
});

describe('the line "New messages"', () => {
  it('stands above the first message that is new, also if that one is not here', () => {
    const entries = [at(0, { n: 4 }), notice({ time: noon }), at(1, { n: 9 }), at(2, { n: 10 })];
    const rows = buildRows(entries, { hasOlder: true, firstUnread: 6 });
    expect(unreadRow(rows)).toBe(2);
  });

  it('stands nowhere when nothing is new, nor above what is not stored yet', () => {
    expect(unreadRow(buildRows([at(0, { n: 4 })], { hasOlder: false, firstUnread: null }))).toBe(-1);
    const pending = at(0, { n: null, seq: null, id: null, state: 'pending' });
    expect(unreadRow(buildRows([pending], { hasOlder: false, firstUnread: 1 }))).toBe(-1);
  });
});

describe('older messages', () => {
  it('come before the first row, and a room begins with its beginning', () => {
    const later = [at(0), at(1)];
    const before = buildRows(later, { hasOlder: true, firstUnread: null });
    const all = buildRows([at(-10), at(-5), ...later], { hasOlder: false, firstUnread: null });
    expect(before[0]?.kind).toBe('entry');
    expect(all[0]?.kind).toBe('start');
    expect(isPrepend(before, all)).toBe(true);
  });

  it('are told apart from newer ones and from another list', () => {
    const some = [at(0), at(1)];
    const rows = buildRows(some, { hasOlder: true, firstUnread: null });
    expect(isPrepend(rows, buildRows([...some, at(2)], { hasOlder: true, firstUnread: null }))).toBe(false);
    expect(isPrepend(rows, buildRows([at(5), at(6), at(7)], { hasOlder: true, firstUnread: null }))).toBe(false);
    expect(isPrepend([], rows)).toBe(false);
  });

  it('decide whether the first one begins a day: until they are here nobody knows', () => {
    expect(build([at(0)], null, true)[0]?.newDay).toBe(false);
    expect(build([at(0)], null, false)[0]?.newDay).toBe(true);
  });
});

describe('rows that are built again', () => {
  const options = { hasOlder: true, firstUnread: null };

  it('are those of before, but for what has changed and what follows it', () => {
    const build = rowBuilder();
    const [entries, last] = [[at(0), at(1), at(2), at(3)], at(4)];
    const before = build(entries, options);
    const after = build([...entries, last], options);
    expect(after.slice(0, 4).every((row, i) => row === before[i])).toBe(true);
    const changed = [...entries.slice(0, 1), at(1, { userId: 'u-bob', user: 'bob' }), ...entries.slice(2), last];
    const again = build(changed, options);
    expect(again.map((row) => row.kind === 'entry' && row.grouped)).toEqual([false, false, false, true, true]);
    expect(again[0]).toBe(after[0]);
    expect(again[3]).toBe(after[3]);
  });

  it('are those that would be built anew, whatever the list was before', () => {
    const all = Array.from({ length: 40 }, (_, i) =>
      i % 7 === 3
        ? notice({ time: noon + i * 90_000 })
        : at(i * 90_000, { n: i + 1, ...(i % 5 === 0 && { userId: 'u-bob' }) }),
    );
    const build = rowBuilder();
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % below;
    };
    for (let i = 0; i < 200; i++) {
      const from = random(20);
      const entries = all.slice(from, from + random(21)).filter(() => random(30) > 0);
      const now = { hasOlder: random(2) === 0, firstUnread: random(3) === 0 ? null : random(40) };
      expect(build(entries, now)).toEqual(buildRows(entries, now));
    }
  });

  it('make 10,000 of them cheap to keep', () => {
    const build = rowBuilder();
    const entries = Array.from({ length: 10_000 }, (_, i) => at(i * 1000));
    const first = build(entries, options);
    const next = build([...entries, at(10_000_000)], options);
    expect(next.filter((row, i) => row !== first[i])).toHaveLength(1);
  });
});

describe('another part of the room', () => {
  const rows = (from: number, to: number, more: ReturnType<typeof at>[] = []) =>
    buildRows([...all.slice(from, to), ...more], { hasOlder: from > 0, firstUnread: null });
  const all = Array.from({ length: 30 }, (_, i) => at(i));

  it('is told from the same one with more or less at its ends', () => {
    expect(isSameView(rows(5, 10), rows(5, 12))).toBe(true);
    expect(isSameView(rows(5, 10), rows(0, 10))).toBe(true);
    expect(isSameView(rows(5, 10), rows(0, 20))).toBe(true);
    expect(isSameView(rows(0, 20), rows(12, 20))).toBe(true);
    expect(isSameView([], rows(0, 3))).toBe(true);
    expect(isSameView(rows(0, 3), rows(10, 13))).toBe(false);
    expect(isSameView(rows(10, 13), rows(0, 3))).toBe(false);
  });

  it('has its messages in reach of the arrow keys, without what nobody said', () => {
    const some = buildRows([at(0), notice(), at(1)], { hasOlder: false, firstUnread: null });
    expect(nextMessage(some, some.length - 1, -1)).toBe(some[3]?.key);
    expect(nextMessage(some, 2, -1)).toBe(some[1]?.key);
    expect(nextMessage(some, 0, -1)).toBeNull();
  });
});

describe('what came while one was away from the end', () => {
  it('counts the messages of others after that place', () => {
    const entries = [
      at(0, { n: 1, userId: 'u-bob' }),
      at(1, { n: 2, userId: 'u-bob' }),
      notice(),
      at(2, { n: 3, userId: 'u-ann' }),
      at(3, { n: 4, userId: 'u-bob' }),
      at(4, { n: null, state: 'pending' }),
    ];
    expect(countAfter(entries, 1, 'u-ann')).toBe(2);
    expect(countAfter(entries, 4, 'u-ann')).toBe(0);
    expect(lastStored(entries)).toBe(4);
    expect(lastStored([])).toBe(0);
  });
});
