import type { Piece } from './pieces';
import { number, plural } from './say';

/** People: whether they are here, what they do, whom one wants nothing of, what is reported and announced. */
export const people = {
  until: (when: string) => `until ${when}`,

  status: {
    title: 'What are you doing?',
    intro: 'Others see it beside your name.',
    emoji: 'Emoji',
    text: 'Status',
    placeholder: 'In a meeting',
    ready: 'Ready-made',
    for: 'Clear it',
    clear: 'Clear status',
    fallback: '💬',
    lasts: {
      half: 'in 30 minutes',
      hour: 'in an hour',
      four: 'in 4 hours',
      today: 'today',
      week: 'this week',
      never: 'never by itself',
    },
    presets: [
      { emoji: '📅', text: 'In a meeting', lasts: 'hour' },
      { emoji: '🍽️', text: 'At lunch', lasts: 'hour' },
      { emoji: '🏡', text: 'Working from home', lasts: 'today' },
      { emoji: '🤒', text: 'Out sick', lasts: 'today' },
      { emoji: '🌴', text: 'On holiday', lasts: 'never' },
    ],
  },

  tab: 'Availability',
  hours: {
    heading: 'Do not disturb',
    intro:
      'In these hours of each day nothing is told of on your devices, and others see that you do not want to be disturbed.',
    on: 'Do not disturb me every day',
    from: 'From',
    to: 'To',
    zone: (zone: string) => `Times are those of ${zone}.`,
    same: 'Choose two different times.',
  },
  seen: {
    heading: 'Last seen',
    share: 'Others may know when you were last here',
  },
  highlights: {
    heading: 'Highlighted words',
    intro: 'Messages with one of these words count as if they named you, and the word is marked. One on each line.',
    label: 'Words',
    many: (n: number) => `At most ${number(n)} words.`,
    long: (n: number) => `A word has at most ${number(n)} characters.`,
  },
  blocks: {
    heading: 'People you have blocked',
    intro: 'They cannot write to you alone, and you are not told when they name you. They are not told of it.',
    none: 'You have blocked nobody.',
    list: 'Blocked people',
    block: (name: string) => `Block ${name}`,
    unblock: (name: string) => `Unblock ${name}`,
    takeBack: 'Unblock',
    more: (name: string) => `More about ${name}`,
    blocked: 'Blocked',
    title: (name: string) => `Block ${name}?`,
    why: (name: string) =>
      `${name} cannot write to you alone any more, and you are not told when they name you. What they say in rooms is folded. They are not told.`,
    do: 'Block',
  },

  report: {
    title: 'Report this message',
    intro: 'The owners and moderators of this workspace see the message and what you write here.',
    reason: 'What is wrong with it?',
    send: 'Report',
    done: 'Thank you. The moderators see it now.',
    finished: 'Done',
  },
  reports: {
    tab: 'Reports',
    intro: 'Messages that somebody has reported to you and the other moderators.',
    none: 'Nothing is open.',
    list: 'Open reports',
    older: 'Show older reports',
    says: (who: Piece, author: Piece, room: Piece): Piece[] => [who, ' reported a message of ', author, ' in ', room],
    deleted: 'The message is deleted.',
    go: 'Go to the message',
    resolve: 'Resolve',
    resolveIt: (author: string) => `Resolve the report of ${author}’s message`,
    resolved: 'The report is closed.',
  },

  announcements: {
    tab: 'Announcements',
    intro: 'What you announce is shown to everybody at the top of the page, until it ends or you end it.',
    label: 'Announcement',
    for: 'Shown',
    lasts: { never: 'until you end it', hour: 'for an hour', today: 'until the end of the day', week: 'for a week' },
    send: 'Announce',
    done: 'Everybody sees it now.',
    standing: 'What is announced',
    none: 'Nothing is announced.',
    end: 'End',
    endIt: (text: string) => `End “${text}”`,
    region: 'Announcement',
    by: (who: string) => `From ${who}`,
    dismiss: 'Dismiss the announcement',
    long: (n: number) => `At most ${number(n)} characters.`,
    left: (n: number) => plural(n, { one: '1 character left', other: `${number(n)} characters left` }),
  },
} as const;
