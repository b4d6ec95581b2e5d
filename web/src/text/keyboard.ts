import { number, plural } from './say';

/** The switcher. */
export const keyboard = {
  switcher: 'Jump to a room',
  placeholder: 'Jump to a room or a person',
  open: 'Jump to a room',
  rooms: 'Rooms',
  headings: { unread: 'Unread', recent: 'Recent', others: 'Other rooms', found: 'Rooms', people: 'People' },
  unread: (n: number) => plural(n, { one: '1 unread', other: `${number(n)} unread` }),
  found: (n: number) => plural(n, { one: '1 result', other: `${number(n)} results` }),
  notOpened: (why: string) => `The conversation was not opened: ${why}.`,
  none: (query: string) => `No room is called “${query}”.`,
  noneHint: 'Try a part of its name or of its topic.',
  alone: 'There is no other room yet.',
  choose: 'choose',
  go: 'open',
  shut: 'close',
  keys: { up: '↑', down: '↓', enter: 'Enter', escape: 'Esc' },
} as const;
