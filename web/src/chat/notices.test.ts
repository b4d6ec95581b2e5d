import { expect, it } from 'vitest';
import { roomName } from './NewRoomDialog';
import { noticeText } from './Notice';

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
