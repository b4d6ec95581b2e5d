import { number, plural } from './say';

/** The switcher and the sheet of shortcuts. */
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

  help: 'Keyboard shortcuts',
  helpHint:
    'They work wherever the focus is in the chat, those for writing in the message box. Finding text on the page stays your browser’s.',
  groups: { go: 'Getting around', read: 'Reading', write: 'Writing' },
  acts: {
    switcher: 'Jump to a room',
    previous: 'The room above',
    next: 'The room below',
    previousUnread: 'The unread room above',
    nextUnread: 'The unread room below',
    help: 'This list',
    readRoom: 'Mark the room as read and go to its end',
    readAll: 'Mark all rooms as read',
    send: 'Send',
    newLine: 'New line',
  },
} as const;
