import { expect, it } from 'vitest';
import { faultOf, sentence, textOf } from './problem';

const fields = ['workspace', 'email', 'password', 'name'] as const;

it.each([
  [{ code: 'conflict', message: 'the name ann is taken' }, 'name', 'The name ann is taken.'],
  [
    { code: 'invalid', message: 'the password has fewer than 8 characters' },
    'password',
    'The password has fewer than 8 characters.',
  ],
  [
    { code: 'too_large', message: 'body.email: expected length <= 254' },
    'email',
    'Body.email: expected length <= 254.',
  ],
  [{ code: 'invalid', message: 'the workspace name is empty' }, 'workspace', 'The workspace name is empty.'],
  [{ code: 'forbidden', message: 'the name of the game is over' }, '', 'The name of the game is over.'],
  [{ code: 'invalid', message: 'something else' }, '', 'Something else.'],
])('puts %o where it belongs', (error, field, text) => {
  expect(faultOf(error, fields)).toEqual({ field, text, retryAfter: 0 });
});

it('says what to do when the server cannot be reached or fails', () => {
  expect(textOf(new TypeError('Failed to fetch'))).toContain('cannot be reached');
  expect(textOf({ code: 'internal', message: 'x', requestId: 'r7' })).toContain('(request r7)');
  expect(textOf({ code: 'internal', message: 'x' })).not.toContain('request');
  expect(textOf(null)).toContain('cannot be reached');
});

it('keeps how long to wait', () => {
  expect(faultOf({ code: 'rate_limited', message: 'too many tries', retryAfter: 1500 }, fields).retryAfter).toBe(1500);
});

it('makes a sentence of a fragment', () => {
  expect(sentence('no such room')).toBe('No such room.');
  expect(sentence('Really?')).toBe('Really?');
  expect(sentence('')).toBe('');
});
