import { describe, expect, it } from 'vitest';
import {
  checkDisplay,
  checkEmail,
  checkName,
  checkNameOrEmail,
  checkNewPassword,
  checkPassword,
  checkWorkspaceName,
} from './rules';

describe('checkName', () => {
  it.each(['a', 'ann', 'Mara Lind', ' ann ', 'zoë', 'Åsa-Lena O.', '李雷', 'a_b', '7', 'x'.repeat(32), '𝒜'.repeat(32)])(
    'takes %j',
    (name) => expect(checkName(name)).toBe(''),
  );
  it.each([
    ['', 'Enter a name.'],
    ['  \t ', 'Enter a name.'],
    ['x'.repeat(33), 'at most 32 characters; this one has 33'],
    ['a,b', 'not “,”'],
    ['<b>', 'not “<”'],
    ['a\u200bb', 'invisible'],
    ['a\u00adb', 'invisible'],
    ['a\nb', 'line breaks'],
    ['- _', 'a letter or a digit'],
  ])('refuses %j', (name, said) => expect(checkName(name)).toContain(said));
});

describe('checkNewPassword', () => {
  it.each(['12345678', 'é'.repeat(8), '😀'.repeat(8), '        ', 'x'.repeat(1024)])('takes %j', (password) =>
    expect(checkNewPassword(password)).toBe(''),
  );
  it.each([
    ['', 'Choose a password.'],
    ['1234567', '1 more'],
    ['😀😀😀😀😀', '3 more'],
    ['x'.repeat(1025), '1,024 bytes'],
    ['é'.repeat(513), '1,024 bytes'],
  ])('refuses %j', (password, said) => expect(checkNewPassword(password)).toContain(said));
});

describe('checkEmail', () => {
  it.each(['', '  ', 'ann@example.org', ' ann@localhost ', 'ännie@exämple.org'])('takes %j', (email) =>
    expect(checkEmail(email)).toBe(''),
  );
  it.each([
    'ann',
    '@example.org',
    'ann@',
    'a b@example.org',
    'ann@example.org,bob@example.org',
    '<ann@example.org>',
    `${'a'.repeat(250)}@b.org`,
  ])('refuses %j', (email) => expect(checkEmail(email)).not.toBe(''));
});

it('checks the name of the workspace', () => {
  expect(checkWorkspaceName('Tidewater & Sons')).toBe('');
  expect(checkWorkspaceName(' ')).toContain('Enter a name');
  expect(checkWorkspaceName('x'.repeat(65))).toContain('at most 64');
  expect(checkWorkspaceName('a\nb')).toContain('line breaks');
});

it('checks what may be left out or only has to be there', () => {
  expect(checkDisplay('')).toBe('');
  expect(checkDisplay('Åsa-Lena, the 2nd')).toBe('');
  expect(checkDisplay('x'.repeat(65))).toContain('at most 64');
  expect(checkDisplay('\u202eabc')).toContain('direction');
  expect(checkDisplay('\u2800\u200b')).toContain('can be seen');
  expect(checkNameOrEmail(' ')).not.toBe('');
  expect(checkNameOrEmail('ann')).toBe('');
  expect(checkPassword('')).not.toBe('');
  expect(checkPassword('x')).toBe('');
});
