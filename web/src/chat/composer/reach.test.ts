import { expect, it } from 'vitest';
import { room, state } from '../testing';
import { reachOf } from './reach';

const people = Object.fromEntries(
  Array.from({ length: 30 }, (_, n) => [
    `u-${n}`,
    { id: `u-${n}`, name: `p${n}`, kind: n === 0 ? ('guest' as const) : ('member' as const), disabled: n === 1 },
  ]),
);
const house = state({
  people: people as never,
  rooms: {
    general: room({ online: 12 }),
    secret: room({ name: 'secret', kind: 'private', online: 5 }),
    few: room({ name: 'few', kind: 'direct', online: 3 }),
  },
});

it('counts whom @here and @room reach: those who are there, or all who have an account', () => {
  expect(reachOf('@here, come', house, 'general')).toEqual({ sign: '@here', count: 11 });
  expect(reachOf('hello @Room!', house, 'general')).toEqual({ sign: '@room', count: 27 });
  expect(reachOf('@room', house, 'secret')).toEqual({ sign: '@room', count: 4 });
});

it('is nobody for what is no such name, in code, or where one talks to few', () => {
  for (const text of ['here', '@heretic', 'me@room', 'say `@room` in ``code @here``', '@rooms']) {
    expect(reachOf(text, house, 'general'), text).toBeNull();
  }
  expect(reachOf('@room', house, 'few')).toBeNull();
});
