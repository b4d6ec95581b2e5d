import { describe, expect, it } from 'vitest';
import { contentLength, nameList, sendable, sends, typingText } from './composing';
import { roomName } from './NewRoomDialog';
import { noticeText } from './Notice';

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
  expect(typingText([])).toBe('');
  expect(typingText(['bob'])).toBe('bob is typing');
  expect(typingText(['bob', 'cat'])).toBe('bob and cat are typing');
  expect(typingText(['bob', 'cat', 'dan'])).toBe('bob, cat and dan are typing');
  expect(typingText(['bob', 'cat', 'dan', 'eve'])).toBe('Several people are typing');
});

it('lists names, and counts those it leaves out', () => {
  expect(nameList([])).toBe('');
  expect(nameList(['ann'])).toBe('ann');
  expect(nameList(['ann', 'bob'])).toBe('ann and bob');
  expect(nameList(['ann', 'bob', 'cat'])).toBe('ann, bob and cat');
  expect(nameList(['ann', 'bob', 'cat', 'dan', 'eve'])).toBe('ann, bob and 3 others');
});

it('says what changed in a room', () => {
  expect(noticeText({ notice: 'topic', text: 'Tag at ten', users: ['ann'] })).toBe('set the topic: Tag at ten');
  expect(noticeText({ notice: 'topic', text: '', users: ['ann'] })).toBe('took the topic away');
  expect(noticeText({ notice: 'member_added', text: null, users: ['ann', 'bob'] })).toBe('were added to the room');
});

it('makes a room’s name of what is typed', () => {
  expect(roomName('Field Notes')).toBe('field-notes');
  expect(roomName('--Ünter_den 7')).toBe('nter-den-7');
  expect(roomName('a'.repeat(80))).toHaveLength(64);
});
