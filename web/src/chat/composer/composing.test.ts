import { describe, expect, it } from 'vitest';
import { composer } from '../../text/composer';
import { choice, contentLength, sendable, sends } from './composing';

const key = (over = {}) => ({
  key: 'Enter',
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  keyCode: 13,
  isComposing: false,
  ...over,
});

describe('the key that sends', () => {
  it('is Enter alone', () => {
    expect(sends(key())).toBe(true);
    for (const over of [{ shiftKey: true }, { altKey: true }, { ctrlKey: true }, { metaKey: true }, { key: 'a' }]) {
      expect(sends(key(over))).toBe(false);
    }
  });

  it('is not the Enter that ends a composition', () => {
    expect(sends(key({ isComposing: true }))).toBe(false);
    expect(sends(key({ keyCode: 229 }))).toBe(false);
  });
});

it('keys choose, accept and close, but not within a composition nor with another key held', () => {
  const does = { ArrowDown: 'next', ArrowUp: 'previous', Enter: 'accept', Tab: 'accept', Escape: 'close', a: null };
  for (const [name, what] of Object.entries(does)) {
    expect(choice(key({ key: name }))).toBe(what);
    expect(choice(key({ key: name, isComposing: true }))).toBe(null);
    expect(choice(key({ key: name, keyCode: 229 }))).toBe(null);
    expect(choice(key({ key: name, shiftKey: true }))).toBe(null);
    expect(choice(key({ key: name, altKey: true }))).toBe(null);
  }
});

describe('what is sent', () => {
  it('has no blank ends, and keeps its first indent', () => {
    expect(sendable('\n  \n  indented\nline  \n\n')).toBe('  indented\nline');
    expect(sendable(' \n\t ')).toBe('');
  });

  it('is counted in code points', () => {
    expect(contentLength('a🙂é')).toBe(3);
    expect(contentLength('🙂'.repeat(8000))).toBe(8000);
  });
});

it('says who is typing', () => {
  expect(composer.typing([])).toBe('');
  expect(composer.typing(['bob'])).toBe('bob is typing');
  expect(composer.typing(['bob', 'cat'])).toBe('bob and cat are typing');
  expect(composer.typing(['bob', 'cat', 'dan'])).toBe('bob, cat and dan are typing');
  expect(composer.typing(['bob', 'cat', 'dan', 'eve'])).toBe('Several people are typing');
});
