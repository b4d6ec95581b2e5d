/** How many emoji a message may have to be shown large, if it has nothing else. */
const MOST = 12;

const made = /^[\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Emoji_Component}\s]+$/u;
/** One emoji, of a text that is cut where a reader would cut it. A digit is one with a frame around it alone. */
const emoji =
  /^(?:\p{RI}{2}|[\d#*]\uFE0F?\u20E3|(?!\p{RI})\p{Emoji_Presentation}[\p{Emoji}\p{Emoji_Component}]*|\p{Extended_Pictographic}\p{Emoji_Component}[\p{Emoji}\p{Emoji_Component}]*)$/u;
/** The longest emoji (a family, a flag of a region) have about 30 units. */
const LONGEST = 35 * MOST;

let segmenter: Intl.Segmenter | undefined;

/** Whether a text is nothing but a few emoji. */
export function isEmojiOnly(text: string): boolean {
  if (text.length > LONGEST || !made.test(text)) return false;
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (segment.trim() === '') continue;
    if (!emoji.test(segment) || ++count > MOST) return false;
  }
  return count > 0;
}
