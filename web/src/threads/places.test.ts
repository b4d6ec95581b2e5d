import { describe, expect, it } from 'vitest';
import { room } from '../chat/testing';
import { inOrder, nextPlace, placesOf } from './places';

const named = (...rooms: Parameters<typeof room>[0][]) => {
  const all = rooms.map((over) => room(over));
  return { rooms: Object.fromEntries(all.map((each) => [each.name, each])), roomNames: all.map((each) => each.name) };
};

describe('what is new', () => {
  it('stands with mentions and direct messages first, then threads, then the other rooms', () => {
    const state = named(
      { name: 'cooks', unread: 9 },
      { name: 'dm-x', kind: 'direct', unread: 1 },
      { name: 'help', unread: 3, mentions: 1 },
      { name: 'quiet' },
      { name: 'zoo', unread: 2, muted: true, mentions: 1 },
    );
    const places = placesOf(state, { r1: { room: 'zoo', unread: 4 } });
    expect(places.map((place) => [place.key, place.unread, place.mentions])).toEqual([
      ['dm-x', 1, 1],
      ['help', 3, 1],
      ['zoo/r1', 4, 0],
      ['cooks', 9, 0],
    ]);
  });

  it('keeps its place when something comes in', () => {
    const before = placesOf(named({ name: 'a', unread: 1 }, { name: 'b', unread: 1 }), {});
    const now = placesOf(
      named({ name: 'a', unread: 1 }, { name: 'b', unread: 2, mentions: 1 }, { name: 'c', unread: 1, mentions: 1 }),
      {},
    );
    expect(
      inOrder(
        now,
        before.map((place) => place.key),
      ).map((place) => place.key),
    ).toEqual(['a', 'b', 'c']);
  });
});

it('from a place one goes on to the one after it, else back to the one before', () => {
  const places = placesOf(named({ name: 'a', unread: 1 }, { name: 'b', unread: 1 }, { name: 'c', unread: 1 }), {});
  const shown = ['a', 'b', 'c'];
  expect(nextPlace(places, shown, 'a')).toBe('b');
  expect(nextPlace(places, shown, 'c')).toBe('b');
  expect(nextPlace(places.slice(1, 2), shown, 'c')).toBe('b');
  expect(nextPlace([], shown, 'b')).toBeNull();
});
