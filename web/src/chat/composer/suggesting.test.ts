import { describe, expect, it } from 'vitest';
import { room, state } from '../testing';
import { best } from './rank';
import { everybodyFor, peopleFor, roomsFor } from './suggesting';

const person = (name: string, over = {}) => ({
  [`u-${name}`]: {
    id: `u-${name}`,
    name,
    display: '',
    kind: 'member' as const,
    role: 'member' as const,
    disabled: false,
    avatar: null,
    ...over,
  },
});

const house = state({
  rooms: {
    general: room({ users: ['ann', 'zoe', 'a guest'], topic: 'Everything' }),
    help: room({ name: 'help', users: ['bob', 'zoe'], online: 2 }),
  },
  roomNames: ['general', 'help'],
  people: {
    ...person('ann'),
    ...person('adam', { display: 'Adam Away' }),
    ...person('bob'),
    ...person('zoe', { display: 'Zoë' }),
    ...person('gone', { disabled: true }),
    ...person('left', { kind: 'guest' }),
    ...person('heard', { kind: null }),
    ...person('clerk', { kind: 'bot' }),
  },
});
const values = (list: readonly { value: string }[]) => list.map(({ value }) => value);

describe('the people of a room', () => {
  it('are those in it, then those elsewhere, then the rest; without oneself, the disabled and guests who left', () => {
    expect(values(peopleFor(house, 'general'))).toEqual(['@a guest', '@zoe', '@bob', '@adam', '@clerk']);
    expect(values(peopleFor(house, 'help'))).toEqual(['@bob', '@zoe', '@a guest', '@adam', '@clerk']);
  });

  it('are called by both names, and it is said where they are', () => {
    const [guest, zoe, bob, adam] = peopleFor(house, 'general');
    expect(guest).toMatchObject({ name: 'a guest', note: 'Here now' });
    expect(zoe).toMatchObject({ name: 'Zoë', more: 'zoe', note: 'Here now', face: { id: 'u-zoe', online: true } });
    expect(bob).toMatchObject({ name: 'bob', note: 'Online' });
    expect(adam).toMatchObject({ name: 'Adam Away', note: 'Not here', face: { online: false } });
    expect(values(best(peopleFor(house, 'general'), 'away', 8))).toEqual(['@adam']);
    expect(values(best(peopleFor(house, 'general'), 'ZOE', 8))).toEqual(['@zoe']);
  });

  it('are none in a room that is not known', () => {
    expect(peopleFor({ ...house, rooms: {}, people: {} }, 'general')).toEqual([]);
  });
});

it('rooms come with their topic and how many are there', () => {
  expect(roomsFor(house)).toMatchObject([
    { value: '#general', more: 'Everything', note: '1 here' },
    { value: '#help', note: '2 here' },
  ]);
});

it('everybody can be named in rooms, but by no guest, and not where one talks to few', () => {
  expect(values(everybodyFor(house, 'general'))).toEqual(['@here', '@room']);
  expect(everybodyFor({ ...house, rooms: { general: room({ kind: 'direct' }) } }, 'general')).toEqual([]);
  expect(everybodyFor({ ...house, me: house.me && { ...house.me, kind: 'guest' } }, 'general')).toEqual([]);
});
