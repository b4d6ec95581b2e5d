import { expect, test } from 'vitest';
import { KEPT, type List, merge, newNotice, settle, trim } from '../src/entries.ts';
import { presenceLine } from '../src/reduce-presence.ts';
import { stored } from '../src/reduce-room.ts';
import type { MessageEntry } from '../src/types.ts';
import { message } from './fake.ts';

const sent = (seq: number) => stored(message(seq), `key-${seq}`);
const waiting = (text: string): MessageEntry => ({
  ...sent(1),
  id: null,
  seq: null,
  n: null,
  content: text,
  clientId: text,
  key: text,
  state: 'pending',
});
const line = (user: string) => newNotice('join', [user], null, 0, null, `line-${user}`);
const keys = (list: List) => list.map((e) => e.key);

test('what is stored goes to its place: before what waits, behind the lines that were there first', () => {
  expect(keys(settle([line('a'), waiting('w')], sent(3)))).toEqual(['line-a', 'key-3', 'w']);
  const list = [sent(3), line('a'), sent(5), line('b'), waiting('w')];
  expect(keys(settle(list, sent(4)))).toEqual(['key-3', 'line-a', 'key-4', 'key-5', 'line-b', 'w']);
  expect(keys(settle(list, sent(6)))).toEqual(['key-3', 'line-a', 'key-5', 'line-b', 'key-6', 'w']);
  expect(keys(settle(list, sent(1)))).toEqual(['key-1', 'key-3', 'line-a', 'key-5', 'line-b', 'w']);
  expect(settle(list, sent(5))).toBe(list);
});

test("a page unites with the list: older ones before lines too, doubles once, the list's entry stays", () => {
  expect(keys(merge([line('a'), waiting('w')], [sent(1), sent(2)]))).toEqual(['key-1', 'key-2', 'line-a', 'w']);
  const list = [line('a'), sent(3), sent(5), line('b'), waiting('w')];
  const page = [1, 2, 3, 4, 5, 6].map(sent);
  const united = merge(list, page);
  expect(keys(united)).toEqual(['key-1', 'key-2', 'line-a', 'key-3', 'key-4', 'key-5', 'line-b', 'key-6', 'w']);
  expect(united[3]).toBe(list[1]);
  expect(merge(united, page)).toBe(united);
});

test('lines collapse at the end alone', () => {
  let list: List = [sent(1)];
  for (const [notice, user] of [
    ['join', 'a'],
    ['join', 'b'],
    ['join', 'a'],
    ['leave', 'b'],
    ['join', 'c'],
  ] as const)
    list = presenceLine(list, notice, user, `${notice} ${user}`, 0);
  expect(list.slice(1).map((e) => e.kind === 'notice' && [e.notice, ...e.users])).toEqual([
    ['join', 'a', 'c'],
    ['leave', 'b'],
  ]);
  list = presenceLine([...list, waiting('w')], 'leave', 'a', 'k', 0);
  expect(keys(list)).toEqual(['key-1', 'join a', 'leave b', 'w']);
  expect(keys(presenceLine(settle(list, sent(2)), 'join', 'd', 'k2', 0))).toEqual([
    'key-1',
    'join a',
    'leave b',
    'key-2',
    'k2',
    'w',
  ]);
});

test('a list that nobody looks at is cut, from its oldest end, to begin with a message', () => {
  const list: List = [...Array.from({ length: KEPT }, (_, i) => sent(i + 1)), waiting('w')];
  expect(trim(list.slice(1))).toHaveLength(KEPT);
  const cut = trim(list);
  expect(cut).toHaveLength(KEPT / 2);
  expect(cut.at(-1)!.key).toBe('w');
});
