import { list, number, plural } from './say';

/** What can be done with a message after it was said, and what shows of that. */
export const changes = {
  react: 'React',
  reply: 'Reply in thread',
  edit: 'Edit',
  more: 'More',
  quote: 'Quote',
  markUnread: 'Mark as unread from here',
  pin: 'Pin to the room',
  unpin: 'Unpin',
  save: 'Save for later',
  unsave: 'Do not keep for later',
  history: 'Show earlier versions',
  remove: 'Delete…',
  report: 'Report…',

  editing: 'Edit message',
  gone: 'This message has been deleted meanwhile. Your text is kept here: copy it, or cancel.',
  refused: (why: string) => `That did not work: ${why}`,

  sure: 'Delete this message?',
  sureWhat: 'Its text and its reactions are gone for everyone, at once. That it was there stays to be seen.',
  sureWhose: (name: string) => `It is ${name}’s message. The deletion is noted in the audit log.`,
  why: 'Reason, for the audit log (optional)',

  versions: 'Earlier versions',
  version: (when: string) => `Written ${when}`,
  noVersions: 'There are no earlier versions.',

  reactions: 'Reactions',
  /** What a chip with a reaction says; count may be more than the names that are known. */
  reacted: (names: readonly string[], count: number, emoji: string) => {
    const more = count - names.length;
    const others = more > 0 ? [plural(more, { one: '1 other', other: `${number(more)} others` })] : [];
    return `${list([...names, ...others])} reacted with ${emoji}`;
  },
  you: 'You',
  add: 'Add a reaction',

  quoted: (name: string) => `Quote of ${name}`,
  quotedGone: 'The message that is quoted here was deleted.',
  quotedLost: 'The message that is quoted here cannot be shown.',
  quoting: (name: string) => `Quoting ${name}`,
  dropQuote: 'Do not quote',

  pinsIn: (room: string) => `Pinned in ${room}`,
  noPins: 'Nothing is pinned here. Pin what everybody should find again, from the menu of a message.',
  pinsFailed: (why: string) => `What is pinned could not be loaded: ${why}`,
  goTo: 'Go to the message',
} as const;
