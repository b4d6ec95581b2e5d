import { expect, it } from 'vitest';
import { isEmojiOnly } from './emoji';

it.each(['😀', '🎉🎉 🎉', '👩‍🚀', '🇩🇪', '👍🏽', '❤️', '1️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👨‍👩‍👧‍👦 \n😀', '😀'.repeat(12)])(
  '%s is emoji alone',
  (text) => {
    expect(isEmojiOnly(text)).toBe(true);
  },
);

it.each([
  '',
  ' ',
  'a',
  '😀 a',
  '1',
  '123',
  '#',
  '*',
  '1 2',
  '©',
  '😀'.repeat(13),
  '\u200d',
  '\ufe0f',
  '🇩',
  '😀!',
  '—',
  '日本',
  '❤',
])('“%s” is not', (text) => {
  expect(isEmojiOnly(text)).toBe(false);
});
