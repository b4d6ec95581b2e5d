import type { Piece } from './pieces';
import { number, plural } from './say';

/** The words of what stands before the chat, set-up, sign-in, joining and guest entry, and of the parts of its forms. */
export const entry = {
  screens: {
    unreachable: 'The server does not answer',
    titles: { setup: 'Set up', join: 'Join', guest: 'Guest', signIn: 'Sign in' },
    titleAt: (title: string, workspace: string) => `${title} · ${workspace}`,
  },
  or: 'or',
  haveAccount: 'Have an account?',
  lookAround: 'Look around as a guest',
  waitSeconds: (seconds: number) =>
    plural(seconds, {
      one: 'You can try again in 1 second.',
      other: `You can try again in ${number(seconds)} seconds.`,
    }),

  fields: {
    name: 'Name',
    namePlaceholder: 'As others should see it',
    email: 'E-mail',
    emailPlaceholder: 'you@example.org',
    emailHint: 'Optional. Only owners see it.',
    guestEmailHint: 'Optional. It is never shown to others.',
    password: 'Password',
    workspace: 'Workspace name',
    workspacePlaceholder: 'Your team, club or family',
    nameOrEmail: 'Name or e-mail',
    colour: 'Colour',
  },

  /** What is wrong with a field. */
  rules: {
    noName: 'Enter a name.',
    longName: (most: number, length: number) =>
      `A name has at most ${most} characters; this one has ${number(length)}.`,
    invisibleInName: 'This name has an invisible character. Type it again.',
    controlInName: 'A name has no line breaks or control characters.',
    oddInName: (odd: string) => `A name has letters, digits, spaces and - _ . only, not “${odd}”.`,
    emptyName: 'A name needs a letter or a digit.',
    noNameOrEmail: 'Enter your name or your e-mail address.',
    longEmail: (most: number) => `An e-mail address has at most ${most} characters.`,
    noEmail: 'This is not an e-mail address. It looks like ann@example.org.',
    noNewPassword: 'Choose a password.',
    longPassword: (bytes: number) => `This password is too long: it has more than ${number(bytes)} bytes.`,
    shortPassword: (least: number, missing: number) => `A password has at least ${least} characters: ${missing} more.`,
    noPassword: 'Enter your password.',
    noWorkspace: 'Enter a name for the workspace.',
    workspaceName: 'The name of a workspace',
    displayName: 'A display name',
    longTitle: (what: string, most: number, length: number) =>
      `${what} has at most ${most} characters; this one has ${number(length)}.`,
    controlInTitle: (what: string) => `${what} has no line breaks or control characters.`,
    turningInTitle: (what: string) => `${what} has no invisible characters that turn the writing direction.`,
    blankTitle: (what: string) => `${what} needs a character that can be seen.`,
  },

  strength: {
    rule: (least: number) => `At least ${least} characters.`,
    weak: 'This one is easy to guess: take a few words more.',
    fair: 'This one is fair.',
    strong: 'This one is strong.',
  },

  /** What the server refused. */
  problem: {
    network: 'The server cannot be reached. Check your connection and try again.',
    internal: (request: string) =>
      `The server failed to do this. Try again; if it goes on failing, tell whoever runs it${
        request === '' ? '' : ` (request ${request})`
      }.`,
    unknownOutcome: 'The server did not say whether this was done. Look, and try again.',
    refused: 'The server refused this.',
  },

  when: {
    underMinute: 'less than a minute',
    minutes: (n: number) => plural(n, { one: '1 minute', other: `${number(n)} minutes` }),
    hours: (n: number) => plural(n, { one: '1 hour', other: `${number(n)} hours` }),
    days: (n: number) => plural(n, { one: '1 day', other: `${number(n)} days` }),
    justNow: 'just now',
    ago: (span: string) => `${span} ago`,
    minuteOf: (date: string, clock: string) => `${date} at ${clock}`,
  },

  signIn: {
    title: (workspace: string) => `Sign in to ${workspace}`,
    form: 'Sign in',
    submit: 'Sign in',
    wrong: 'The name or the password is wrong. Check both and try again.',
    open: ['No account yet? ', { link: 'Create an account', to: '/join' }] satisfies readonly Piece[],
    invite:
      'No account yet? Ask somebody here for an invitation link. Whoever runs this server can set a forgotten password.',
    closed: 'No account yet? New ones are made by whoever runs this server, who also sets forgotten passwords.',
    nobody: 'Nobody has an account here yet',
    nobodyRuns: [
      { name: 'If you run this server,' },
      ' open the set-up link that it wrote when it started. Start it again for a new one.',
    ] satisfies readonly Piece[],
    nobodyElse: [{ name: 'If you do not,' }, ' come back once the workspace is set up.'] satisfies readonly Piece[],
  },

  guest: {
    title: 'Enter as a guest',
    sub: (workspace: string) => `You can read and write in the public rooms of ${workspace}.`,
    form: 'Guest entry',
    submit: 'Enter',
    none: (workspace: string) => `${workspace} takes no guests`,
    askForInvitation: 'You need an account to come in. Ask somebody here for an invitation link.',
  },

  join: {
    title: (workspace: string) => `Join ${workspace}`,
    everybody: 'Everybody may create an account here.',
    invitedBy: (who: string): Piece[] => [{ name: who }, ' invites you.'],
    form: 'Join',
    submit: 'Join and open general',
    terms: (left: number | undefined, day: string) => {
      const people =
        left === undefined
          ? ''
          : plural(left, { one: ' for one more person', other: ` for ${number(left)} more people` });
      const until = day === '' ? '' : ` valid until ${day}`;
      return `Invitation${people}${people !== '' && until !== '' ? ',' : ''}${until}.`;
    },
    inAlready: (workspace: string) => `You are in ${workspace} already`,
    signedInAs: (name: string): Piece[] => [
      'You are signed in as ',
      { name },
      '. The invitation is for somebody without an account: it is not used up.',
    ],
    goToChat: 'Go to the chat',
    ended: 'This invitation does not work',
    endedWhy: (workspace: string) =>
      `Its link is not complete, or the invitation to ${workspace} has expired, was revoked or has been used by as many people as it was for.`,
    askForNew: 'Ask whoever sent it to you for a new one.',
    needInvitation: 'You need an invitation: a link that an owner or a moderator of this workspace makes for you.',
    closed: (workspace: string) => `${workspace} takes no new accounts`,
    closedWhy:
      'Whoever runs this server has closed it to new people, also to those with an invitation. Ask them to make an account for you.',
  },

  setup: {
    title: 'Set up your workspace',
    sub: 'This takes a minute. You become its owner; people come by invitation.',
    endsIn: (span: string) => `This link works once and ends in ${span}`,
    ended: 'This link has ended: start the server again for a new one',
    form: 'First set-up',
    submit: 'Create and open general',
    ready: 'Your workspace is ready',
    goToGeneral: 'Go to general',
    notNamed: (why: string) =>
      `Your account was made, but the workspace’s name and colour were not saved: ${why} You can set them in the settings.`,
    broken: 'This set-up link does not work',
    brokenWhy: 'It is not complete, was used already, or its 30 minutes are over.',
    newLink: [
      { name: 'For a new link,' },
      ' stop the server and start it again: it writes one when it starts.',
    ] satisfies readonly Piece[],
    withoutLink: [
      { name: 'Without a link,' },
      ' make your account on the server’s machine: ',
      { code: 'parley user add NAME' },
    ] satisfies readonly Piece[],
    already: (workspace: string) => `${workspace} is set up already`,
    alreadySub: 'This link has done its work.',
    unreachable: 'The link could not be checked',
  },

  invite: {
    title: 'Invite people',
    description: 'Whoever has this link can create an account. Send it to those you want here.',
    done: 'Done',
    failed: (why: string) => `The invitation could not be made. ${why}`,
    link: 'Invitation link',
    copy: 'Copy link',
    copied: 'Copied.',
    notCopied: 'The browser does not allow copying here. The link is selected: press Ctrl+C or ⌘C.',
    thisMachine:
      'It opens on this computer alone. To invite people elsewhere, open Parley under an address that they reach, and make an invitation there.',
    qr: 'QR code of the invitation link',
    terms: (people: number, day: string) => {
      const whom =
        people === 0
          ? 'for any number of people'
          : plural(people, { one: 'for one person', other: `for ${number(people)} people` });
      return day === '' ? `It works until it is revoked, ${whom}.` : `It works until ${day}, ${whom}.`;
    },
  },

  colours: { tide: 'Tide', ink: 'Ink', plum: 'Plum', rose: 'Rose', rust: 'Rust', moss: 'Moss', pine: 'Pine' },
} as const;
