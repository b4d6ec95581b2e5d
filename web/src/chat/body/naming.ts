import type { MessageEntry, State } from '@parley-chat/client';

/** Whom a message names, as one string that is the same for the same people; '' for nobody. Those who are me come with a mark before them. */
export function namesIn({ mentions, mentionsAll }: MessageEntry, { people, me }: Pick<State, 'people' | 'me'>): string {
  const names = mentions.map((id) => (id === me?.id ? `!${me.name}` : (people[id]?.name ?? '')));
  return [...names, mentionsAll === null ? '' : `!${mentionsAll}`].filter(Boolean).join('\n');
}

/** Whether a message of somebody else names me. */
export const namesMe = ({ userId, mentions, mentionsAll }: MessageEntry, me: string | undefined): boolean =>
  userId !== me && (mentionsAll !== null || (me !== undefined && mentions.includes(me)));

export interface Part {
  text: string;
  /** Whether it names somebody, and whether that is me. */
  names: 'me' | 'other' | null;
}

const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Splits a text at the names in it that the server has found to be those of people; namesIn tells them. */
export function partsOf(text: string, names: string): Part[] {
  if (names === '' || !text.includes('@')) {
    return [{ text, names: null }];
  }
  const list = names
    .split('\n')
    .map((name) => (name.startsWith('!') ? { name: name.slice(1), mine: true } : { name, mine: false }));
  const longest = list.toSorted((a, b) => b.name.length - a.name.length);
  const found = new RegExp(
    `(?<![\\p{L}\\p{N}_@.-])@(${longest.map(({ name }) => plain(name)).join('|')})(?![\\p{L}\\p{N}_-])`,
    'giu',
  );
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(found)) {
    const mine = longest.find(({ name }) => name.toLowerCase() === match[1]?.toLowerCase())?.mine;
    if (match.index > done) {
      parts.push({ text: text.slice(done, match.index), names: null });
    }
    parts.push({ text: match[0], names: mine ? 'me' : 'other' });
    done = match.index + match[0].length;
  }
  if (done < text.length) {
    parts.push({ text: text.slice(done), names: null });
  }
  return parts;
}
