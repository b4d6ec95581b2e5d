import { expect, it } from 'vitest';
import { message, state } from '../testing';
import { namesIn, partsOf } from './naming';

const person = (id: string, name: string) => ({
  [id]: { id, name, display: name, kind: 'member' as const, role: null, disabled: false, avatar: null },
});

it('names those whom the server has found, and me', () => {
  const now = state({ people: { ...person('u-bob', 'bob'), ...person('u-2', 'Bob Smith') } as never });
  expect(namesIn(message(), now)).toBe('');
  expect(namesIn(message({ mentions: ['u-bob', 'u-2', 'u-unknown', 'u-ann'], mentionsAll: 'here' }), now)).toBe(
    'bob\nBob Smith\n!ann\n!here',
  );
});

it('marks names as words of their own, the longest first, in whatever case', () => {
  const parts = partsOf('@Bob Smith and @bob: me@bob.org @bobby (@ANN), @here. C++ @c', 'bob\nBob Smith\n!ann\n!here');
  expect(parts.filter((part) => part.names !== null)).toEqual([
    { text: '@Bob Smith', names: 'other' },
    { text: '@bob', names: 'other' },
    { text: '@ANN', names: 'me' },
    { text: '@here', names: 'me' },
  ]);
  expect(parts.map((part) => part.text).join('')).toBe('@Bob Smith and @bob: me@bob.org @bobby (@ANN), @here. C++ @c');
  expect(partsOf('a+b @a+b', 'a+b')).toHaveLength(2);
});
