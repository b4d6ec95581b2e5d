import { each } from './notices';
import { list, number, plural } from './say';

/** Where one writes. */
export const composer = {
  form: (room: string) => `Write in ${room}`,
  box: (room: string) => `Message ${room}`,
  placeholder: (room: string) => `Message #${room}`,
  reply: {
    form: (room: string) => `Reply in a thread of ${room}`,
    box: 'Reply in the thread',
    placeholder: 'Reply…',
  },
  archived: 'This room is archived: it can be read, and nothing can be added.',
  readOnly: 'Only moderators post in this room. You may answer in threads.',
  slow: (seconds: number) => `Slow mode: one message each ${each(seconds)}.`,
  wait: (seconds: number) => `Slow mode: you can send again in ${number(seconds)} s.`,
  to: (name: string) => `Message ${name}`,
  send: 'Send',
  sendLater: 'Send: it goes out when you are connected again',
  mention: 'Mention somebody',
  emoji: 'Emoji',
  draft: 'Draft',

  left: (n: number) => plural(n, { one: '1 character left', other: `${number(n)} characters left` }),
  tooLong: (length: number, most: number) =>
    `${number(length)} of ${number(most)} characters: shorten it, or send it in parts.`,
  tooMuch: (length: number, most: number) =>
    `That was too much to take in: ${number(length)} characters, of at most ${number(most)}. Nothing was pasted; a file may be the better place for it.`,

  keys: { enter: 'Enter', send: 'to send,', shiftEnter: 'Shift Enter', line: 'for a new line' },
  typing: (names: readonly string[]) =>
    names.length > 3
      ? 'Several people are typing'
      : names.length > 0
        ? `${list(names)} ${names.length === 1 ? 'is' : 'are'} typing`
        : '',

  suggestions: { '@': 'People', '#': 'Rooms', ':': 'Emoji' },
  here: 'Here now',
  online: 'Online',
  away: 'Not here',
  everybody: { here: 'Everybody who is here now', room: 'Everybody in the room' },
  inRoom: (n: number) => plural(n, { one: '1 here', other: `${number(n)} here` }),
  hints: { choose: 'choose', accept: 'accept', close: 'close', up: '↑', down: '↓', tab: 'Tab', escape: 'Esc' },

  picker: {
    title: 'Pick an emoji',
    search: 'Search emoji',
    recent: 'Used last',
    list: 'All emoji',
    loading: 'Loading…',
    none: (search: string) => `No emoji is called “${search}”.`,
    failed: 'The emoji could not be loaded. They come when you are connected again.',
    tone: 'Skin tone',
    tones: {
      none: 'Default skin tone',
      light: 'Light skin tone',
      'medium-light': 'Medium-light skin tone',
      medium: 'Medium skin tone',
      'medium-dark': 'Medium-dark skin tone',
      dark: 'Dark skin tone',
    },
  },
} as const;
