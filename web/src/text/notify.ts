import { number, plural } from './say';

/** Notifications of the device, and where they are chosen. */
export const notify = {
  title: 'Notifications',
  intro: 'What this browser tells you of while you look elsewhere. Each browser and device has its own choice.',
  legend: 'Tell me of',
  levels: {
    all: { name: 'All messages', hint: 'In every room that you are not looking at.' },
    mentions: { name: 'Messages that name me', hint: (name: string) => `Those with @${name} in them.` },
    off: { name: 'Nothing', hint: 'The tab’s title and icon still show what is unread.' },
  },
  ask: 'Your browser asks you whether this site may do that.',
  granted: 'Your browser lets this site show notifications.',
  denied:
    'Your browser blocks notifications from this site. Open the site’s settings with the button beside the address, allow notifications, and choose again here.',
  dismissed: 'Your browser was not told to allow them. Choose again, and answer its question with “Allow”.',
  insecure: 'Browsers show notifications of sites with https alone. Ask whoever runs this server for an https address.',
  unsupported:
    'This browser shows no notifications of sites. On an iPhone or iPad, add this page to the home screen and open it from there.',
  done: 'Done',

  from: (who: string, room: string) => `${who} in ${room}`,
  several: (n: number, room: string) => `${number(n)} new messages in ${room}`,
  direct: (n: number, who: string) => `${number(n)} new messages from ${who}`,
  last: (who: string, text: string) => `${who}: ${text}`,
  away: (n: number, rooms: number) =>
    `${plural(n, { one: '1 new message', other: `${number(n)} new messages` })} in ${number(rooms)} rooms`,
  wordless: 'Something without words',
} as const;
