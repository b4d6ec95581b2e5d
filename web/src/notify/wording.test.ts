import type { Heard } from '@parley-chat/client/heard';
import { expect, it } from 'vitest';
import { room, state } from '../chat/testing';
import { brief, ofRoom, ofRooms } from './wording';

const heard = (over: Partial<Heard> = {}): Heard => ({
  room: 'general',
  id: 'id',
  n: 1,
  user: 'bob',
  userId: 'u-bob',
  content: 'hello',
  names: false,
  past: false,
  ...over,
});

it('puts a message into one short line', () => {
  expect(brief('  two\n\nlines ')).toBe('two lines');
  expect(brief(' \n')).toBe('Something without words');
  const long = brief('👍🏽'.repeat(200));
  expect([...long]).toHaveLength(180);
  expect(long.endsWith('…')).toBe(true);
  expect(brief('<img src=x onerror=alert(1)>')).toBe('<img src=x onerror=alert(1)>'); // it is shown as it stands
});

it('names who said it, and where; of several the last', () => {
  const people = {
    'u-bob': { id: 'u-bob', name: 'bob', display: 'Bob', kind: null, role: null, disabled: false, avatar: null },
  };
  expect(ofRoom([heard()], state())).toEqual({ title: 'bob in #general', body: 'hello' });
  expect(ofRoom([heard({ content: 'a' }), heard({ content: 'b' })], state({ people }))).toEqual({
    title: '2 new messages in #general',
    body: 'Bob: b',
  });
  const rooms = new Map([
    ['general', [heard(), heard()]],
    ['help', [heard()]],
  ]);
  expect(ofRooms(rooms, state())).toEqual({ title: '3 new messages in 2 rooms', body: '#general, #help' });
  const direct = room({ name: 'dm-x', kind: 'direct', people: [{ id: 'u-bob', name: 'bob' }] });
  const talking = state({ people, rooms: { 'dm-x': direct } });
  expect(ofRoom([heard({ room: 'dm-x' })], talking)).toEqual({ title: 'Bob', body: 'hello' });
  expect(ofRoom([heard({ room: 'dm-x' }), heard({ room: 'dm-x' })], talking).title).toBe('2 new messages from Bob');
});
