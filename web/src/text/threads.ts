import { list, number, plural } from './say';

const replies = (n: number) => plural(n, { one: '1 reply', other: `${number(n)} replies` });

/** Without the full stop, which the sentence around it has. */
const open = (sentence: string) => sentence.replace(/\.$/u, '');

/** Threads, what names me, what was kept for later, and what is new since the last visit. */
export const threads = {
  thread: 'Thread',
  threadIn: (room: string) => `Thread in ${room}`,
  inRoom: (room: string) => `in ${room}`,
  repliesLog: 'Replies',
  newReplies: 'New replies',
  replies,
  noReplies: 'No replies yet',
  lastReply: (time: string) => `last ${time}`,
  /** Under a message in its room: how many replies there are, and from whom the latest are. */
  openThread: (n: number, from: readonly string[], unread: number) =>
    [`Thread: ${replies(n)} from ${list(from)}`, unread > 0 && `${number(unread)} new`].filter(Boolean).join(', '),
  unreadReplies: (n: number) => `${number(n)} new`,
  follow: 'Follow this thread',
  unfollow: 'Stop following this thread',
  notFollowed: (why: string) => `That was not changed: ${open(why)}.`,
  olderReplies: 'Show earlier replies',
  failed: (why: string) => `The thread could not be loaded: ${open(why)}.`,
  loading: 'Loading the thread…',

  threads: 'Threads',
  mentions: 'Mentions',
  saved: 'Saved',
  loadingList: 'Loading…',
  listFailed: (why: string) => `The list could not be loaded: ${open(why)}.`,
  more: 'Show more',
  deleted: 'This message was deleted.',
  inThread: 'in a thread',

  noThreads: 'No threads yet',
  noThreadsHint: 'Threads that you write in, are named in or follow stand here, those with something new first.',
  noMentions: 'Nobody has named you yet',
  noMentionsHint: 'Messages with your name in them stand here, from all your rooms.',
  noSaved: 'Nothing is kept for later',
  noSavedHint: 'Choose “Save for later” at a message, and it stands here until you take it off.',
  unsave: 'Take it off the list',

  catchUp: {
    title: 'Catch up',
    left: (n: number) => plural(n, { one: '1 place with news', other: `${number(n)} places with news` }),
    done: 'You have seen everything',
    doneHint: 'What is said from now on stands here when it comes.',
    back: 'Go to your rooms',
    thread: (root: string) => `Thread: ${root}`,
    news: (n: number) => plural(n, { one: '1 new message', other: `${number(n)} new messages` }),
    mentions: (n: number) => plural(n, { one: '1 names you', other: `${number(n)} name you` }),
    read: 'Mark as read',
    go: 'Open',
    list: 'Rooms and threads with news',
    what: (name: string) => `What is new in ${name}`,
    more: (n: number) => `and ${number(n)} more`,
    hints: { read: 'mark as read and go on', move: 'next, previous' },
    notRead: (why: string) => `It was not marked as read: ${open(why)}.`,
    loading: 'Looking what is new…',
  },

  room: {
    menu: (room: string) => `Actions for ${room}`,
    notify: 'Tell me of',
    levels: { all: 'All messages', mentions: 'Mentions', nothing: 'Nothing' },
    mute: 'Mute the room',
    unmute: 'Unmute the room',
    markRead: 'Mark as read',
    muted: 'muted',
    notSet: (why: string) => `That was not changed: ${open(why)}.`,
  },

  reach: {
    title: (n: number) => plural(n, { one: 'Tell 1 person?', other: `Tell ${number(n)} people?` }),
    text: (sign: string, room: string, n: number) =>
      `${sign} names everybody in ${room}: ${plural(n, { one: '1 person is', other: `${number(n)} people are` })} told of this message.`,
    send: 'Send it',
  },
} as const;
