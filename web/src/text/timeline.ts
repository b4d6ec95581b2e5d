import type { NoticeKind } from '@parley-chat/client';
import { notices as rooms } from './notices';
import { list, number } from './say';

/** Without the full stop, which the sentence around it has. */
const open = (sentence: string) => sentence.replace(/\.$/u, '');

type Say = (count: number, text: string | null, by: string | null) => string;

/** What a notice says after the names of count people; by: who did it to them. */
const notices: Record<NoticeKind, Say> = {
  join: () => 'joined',
  leave: () => 'left',
  topic: (_, text) => (text ? `set the topic: ${text}` : 'took the topic away'),
  member_added: (count, _, by) => rooms.added(count, by),
  member_removed: (_, reason, by) => rooms.removed(by, reason),
  member_banned: (_, reason, by) => rooms.banned(by, reason),
  member_left: () => rooms.left,
  role: (_, role, by) => rooms.role(role, by),
  renamed: (_, name) => rooms.renamed(name),
  read_only: () => rooms.readOnly,
  writable: () => rooms.writable,
  slow_mode: (_, seconds) => rooms.slow(Number(seconds)),
  settings: () => rooms.settings,
  archived: () => 'archived the room',
  unarchived: () => 'opened the room again',
};

/** The words of what has been said in a room. */
export const timeline = {
  messages: (room: string) => `Messages in ${room}`,
  news: 'New messages',
  jump: 'Jump to latest',
  jumpOver: (count: number) => `Jump to latest (${number(count)})`,
  many: (count: number, most: number) => (count > most ? `${most}+` : `${count}`),
  today: 'Today',
  yesterday: 'Yesterday',

  loading: 'Loading messages…',
  loadingOlder: 'Loading earlier messages',
  loadingNewer: 'Loading later messages',
  failed: (why: string) => `The messages could not be loaded: ${open(why)}.`,
  failedMore: (why: string) => `More messages could not be loaded: ${open(why)}.`,
  missing: 'There is no such message in this room, or you may not see it. These are the latest ones.',
  unreached: (why: string) => `The message could not be loaded: ${open(why)}.`,

  start: (room: string) => `This is the start of ${room}`,
  startDirect: (people: string) => `This is the start of your conversation with ${people}`,
  sentence: (text: string) => text.replace(/[.!?]?$/u, '.'),
  everyone: (workspace: string) => `Everyone in ${workspace} can read along`,
  members: 'Only its members can read along',
  between: 'Only those in it can read along',
  empty: '; nothing here has been said yet.',
  end: '.',
  first: 'Write the first message below.',

  deleted: 'This message was deleted.',
  edited: '(edited)',
  editedAt: (when: string) => `Edited ${when}`,
  pinned: 'Pinned',
  pins: 'Pinned messages',
  sending: 'Sending',
  waiting: 'Waiting for the connection',
  unsent: (why: string | null) => `Not sent: ${open(why ?? 'the server did not answer')}.`,

  actions: 'Message actions',
  copyLink: 'Copy link',
  copyText: 'Copy text',
  linkCopied: 'Link copied',
  textCopied: 'Text copied',
  notCopied: 'This browser did not let it be copied',

  notice: (kind: NoticeKind, ...what: Parameters<Say>) => notices[kind](...what),
  names: list,
  people: (count: number) => `${number(count)} people`,

  /** What is read out of a new message. */
  said: (name: string, text: string) => `${name}: ${text}`,
  /** What is read out of many at once. */
  saidMany: (count: number, name: string, text: string) =>
    `${number(count)} new messages, the last from ${name}: ${text}`,
} as const;
