import { number, plural } from './say';

/** What is around the talk: rooms, people, the connection, one's own corner. */
export const around = {
  roomsAndPeople: 'Rooms and people',
  rooms: 'Rooms',
  roomsUnread: (n: number) => `Rooms, ${number(n)} unread`,
  hereNow: 'here now',
  closeRooms: 'Close the rooms',
  newRoom: 'New room',
  jump: 'Jump to a room',
  room: (name: string, unread: number, mentions: number, muted: boolean, draft: boolean) =>
    [
      name,
      unread > 0 && `${number(unread)} unread`,
      mentions > 0 && plural(mentions, { one: '1 names you', other: `${number(mentions)} name you` }),
      muted && 'muted',
      draft && 'draft',
    ]
      .filter(Boolean)
      .join(', '),
  many: (count: number) => (count > 99 ? '99+' : `${count}`),
  forYou: 'What is for you',
  catchUp: 'Catch up',
  threads: 'Threads',
  mentions: 'Mentions',
  saved: 'Saved',
  view: (name: string, n: number) => (n > 0 ? `${name}, ${number(n)} unread` : name),
  roomMenu: (room: string) => `Actions for ${room}`,
  inRoom: (n: number) => `${number(n)} online`,
  unreadAbove: (n: number) => `${number(n)} unread above`,
  unreadBelow: (n: number) => `${number(n)} unread below`,
  invite: 'Invite people',
  online: 'Online',
  peopleOnline: 'People online',
  asOf: (time: string) => `as of ${time}`,
  moreOnline: 'more people online',
  skip: 'Skip to the message box',

  people: 'People',
  peopleIn: (room: string) => `People in ${room}`,
  peopleHere: (n: number) => plural(n, { one: '1 person here now', other: `${number(n)} people here now` }),
  here: 'Here now',
  notHere: 'Not here',
  find: 'Find somebody',
  findNone: (query: string) => `Nobody here is called “${query}”.`,
  you: '(you)',
  notListed: (n: number, listed: number) =>
    listed === 0
      ? plural(n, { one: '1 person is here.', other: `${number(n)} people are here.` })
      : `And ${number(n - listed)} more.`,
  listsAreShort: 'Rooms of more than 100 do not list everyone.',
  roles: { owner: 'Owner', moderator: 'Moderator', guest: 'Guest', bot: 'Bot' },

  connection: {
    connected: 'Connected',
    connecting: 'Connecting',
    reconnecting: 'Reconnecting',
    offline: 'Offline',
    signed_out: 'Signed out',
  },
  cut: 'You are disconnected.',
  offline: 'You are offline.',
  offlineWhy: 'This device has no network.',
  kept: 'What you write is kept and sent when you are back.',
  trying: 'Trying again now.',
  nextTry: (seconds: number) => `Next try in ${number(seconds)} s.`,
  tryNow: 'Try now',

  account: 'Your account',
  present: 'Online',
  guest: 'Guest',
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  settings: 'Settings',
  notifications: 'Notifications',
  shortcuts: 'Keyboard shortcuts',
  signOut: 'Sign out',
  stillSignedIn: (why: string) => `You are still signed in: ${why}.`,

  loading: 'Loading your rooms…',
  directs: 'Direct messages',

  make: 'Make the room',
  name: 'Name',
  nameExample: 'field-notes',
  nameHint: 'Small letters, digits and hyphens.',
  nameMissing: 'Give the room a name.',
  topic: 'Topic',
  topicHint: 'What belongs here. May be left out.',
  notMade: (why: string) => `The room was not made: ${why}.`,
} as const;
