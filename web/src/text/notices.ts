import { number, plural } from './say';

const seconds = (n: number): string =>
  n % 3600 === 0
    ? plural(n / 3600, { one: 'an hour', other: `${number(n / 3600)} hours` })
    : n % 60 === 0
      ? plural(n / 60, { one: 'a minute', other: `${number(n / 60)} minutes` })
      : plural(n, { one: 'a second', other: `${number(n)} seconds` });

/** How long, as in "one message each 30 seconds". */
export const each = (n: number) => seconds(n).replace(/^an? /u, '');

/** What a notice says after the names of those whom it is about. */
export const notices = {
  added: (count: number, by: string | null) =>
    by === null ? 'joined the room' : `${plural(count, { one: 'was', other: 'were' })} added by ${by}`,
  removed: (by: string | null, reason: string | null) =>
    `was removed${by === null ? '' : ` by ${by}`}${reason === null ? '' : `: ${reason}`}`,
  banned: (by: string | null, reason: string | null) =>
    `was banned${by === null ? '' : ` by ${by}`}${reason === null ? '' : `: ${reason}`}`,
  left: 'left the room',
  role: (role: string | null, by: string | null) =>
    `${by === null ? 'is now' : 'was made'} ${
      { owner: 'an owner', moderator: 'a moderator' }[role ?? ''] ?? 'a member without a role'
    } of the room${by === null ? '' : ` by ${by}`}`,
  renamed: (name: string | null) => `renamed the room to ${name ?? ''}`,
  readOnly: 'made the room read-only: only moderators post, all may answer in threads',
  writable: 'let everybody post again',
  slow: (n: number) => (n === 0 ? 'ended slow mode' : `set slow mode: one message each ${each(n)}`),
  settings: 'changed what new members see',
} as const;
