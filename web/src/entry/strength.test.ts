import { expect, it } from 'vitest';
import { passwordHint, strengthOf } from './strength';

it.each([
  ['password', 'weak'],
  ['Password1', 'weak'],
  ['aaaaaaaaaaaaaaaaaaaa', 'weak'],
  ['12345678901234', 'weak'],
  ['abcdefghijklmnop', 'weak'],
  ['qwertyuiop', 'weak'],
  ['horse7Bat', 'fair'],
  ['a-long-quiet-river', 'strong'],
  ['vN3$kQ9!xT2&pL', 'strong'],
])('%s is %s', (password, strength) => expect(strengthOf(password)).toBe(strength));

it('gives nothing for what others know of the person', () => {
  expect(strengthOf('mara-lind-tidewater')).toBe('strong');
  expect(strengthOf('mara-lind-tidewater', ['Mara Lind', 'mara@tidewater.example'])).toBe('weak');
});

it('says the rule until the password is long enough, then what it is worth', () => {
  expect(passwordHint('abc')).toBe('At least 8 characters.');
  expect(passwordHint('password1')).toContain('easy to guess');
  expect(passwordHint('a-long-quiet-river')).toContain('strong');
});
