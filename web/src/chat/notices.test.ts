import { expect, it } from 'vitest';
import { noticeText } from './Notice';

it.each([
  ['topic', 'Tag at ten', null, 'set the topic: Tag at ten'],
  ['topic', '', null, 'took the topic away'],
  ['member_added', null, null, 'joined the room'],
  ['member_added', null, 'Ann', 'was added by Ann'],
  ['member_removed', null, 'Ann', 'was removed by Ann'],
  ['member_banned', 'spam', 'Ann', 'was banned by Ann: spam'],
  ['member_left', null, null, 'left the room'],
  ['role', 'moderator', 'Ann', 'was made a moderator of the room by Ann'],
  ['role', 'member', null, 'is now a member without a role of the room'],
  ['renamed', 'plaza', null, 'renamed the room to plaza'],
  ['slow_mode', '30', null, 'set slow mode: one message each 30 seconds'],
  ['slow_mode', '60', null, 'set slow mode: one message each minute'],
  ['slow_mode', '0', null, 'ended slow mode'],
] as const)('says what changed in a room: %s %s %s', (notice, text, by, said) => {
  expect(noticeText({ notice, text, users: ['bob'] }, by)).toBe(said);
});
