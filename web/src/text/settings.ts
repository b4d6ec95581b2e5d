import type { Piece } from './pieces';
import { number, plural } from './say';

/** The words of the settings. */
export const settings = {
  title: 'Settings',
  close: 'Close settings',
  you: 'You',
  workspace: 'Workspace',
  tabs: {
    profile: 'Profile',
    sessions: 'Sessions',
    people: 'People',
    invites: 'Invitations',
    rooms: 'Rooms',
    workspace: 'Workspace',
    audit: 'Audit log',
  },
  showMore: 'Show more',
  saved: 'Saved.',

  profile: {
    guest: 'Guest, without an account',
    nameHere: 'Your name here',
    signInName: 'The name you sign in with',
    atHost: (host: string) => `Your name, picture and password are kept by ${host}: change them there.`,
    guestNothing: [
      'A guest has no profile to change. With an account you keep your name: ',
      { link: 'create an account', to: '/join' },
      ' or ask for an invitation.',
    ] satisfies readonly Piece[],
    form: 'Profile',
    display: 'Display name',
    displayHint: 'What others read.',
    passwordForm: 'Password',
    changePassword: 'Change your password',
    currentPassword: 'Current password',
    newPassword: 'New password',
    submitPassword: 'Change password',
    passwordChanged: 'Your password is changed. All your other sessions have ended.',
  },

  picture: {
    upload: 'Upload a picture',
    change: 'Change picture',
    remove: 'Remove',
    file: 'Picture file',
    hint: 'PNG, JPEG, GIF or WebP. What the file tells of where it was taken is left out.',
    saved: 'Your new picture is there. Others see it now.',
    removed: 'Your picture is gone. Others see your initials.',
    unreadable: (file: string) => `${file} cannot be read as a picture. Choose a PNG, JPEG, GIF or WebP.`,
    tooLarge: (megabytes: number) => `This file is larger than ${megabytes} MB. Choose a smaller one.`,
    cropTitle: 'Choose what is shown',
    cropHint: 'Drag the picture, or move it with the arrow keys; + and - bring it nearer and further away.',
    square: 'Your picture',
    zoom: 'Zoom',
    save: 'Use this picture',
    sending: 'Sending…',
    notMade: 'This browser cannot cut the picture. Try a smaller one, or another browser.',
  },

  sessions: {
    intro:
      'Everywhere you are signed in. One that you do not know is somebody else: sign it out, then change your password.',
    list: 'Sessions',
    thisOne: 'This one',
    inUse: 'In use now',
    lastSeen: (ago: string) => `Last seen ${ago}`,
    /** Stands between when it was last seen and when it began. */
    signedInOn: ', signed in on ',
    signOut: 'Sign out',
    signOutOf: (device: string) => `Sign out ${device}`,
    signedOutOf: (device: string) => `Signed out of ${device}.`,
    signedOutOfAll: (n: number) =>
      plural(n, { one: 'Signed out of 1 session.', other: `Signed out of ${number(n)} sessions.` }),
    others: 'Sign out everywhere else',
    askOthers: 'Sign out everywhere else?',
    askOthersText: 'All sessions but this one end at once. Whoever uses them has to sign in again.',
  },

  devices: {
    headless: 'Chrome without a window',
    samsung: 'Samsung Internet',
    own: 'Parley’s own client',
    go: 'A Go program',
    python: 'A Python program',
    node: 'A Node.js program',
    iPhone: 'an iPhone',
    iPad: 'an iPad',
    androidPhone: 'an Android phone',
    androidTablet: 'an Android tablet',
    mac: 'a Mac',
    browserOn: (browser: string, system: string) => `${browser} on ${system}`,
    someBrowserOn: (system: string) => `A browser on ${system}`,
    unknown: 'An unknown device',
  },

  people: {
    forOwners:
      'Moderators make invitations and look after rooms; owners may do everything. Who is disabled is signed out at once and cannot come back.',
    forOthers: 'Everybody who has an account here.',
    list: 'People',
    roles: { member: 'Member', moderator: 'Moderator', owner: 'Owner' },
    bot: 'Bot',
    calledAs: (display: string, name: string) => `${display} (${name})`,
    disabled: 'Disabled',
    you: 'You',
    roleOf: (name: string) => `Role of ${name}`,
    enable: 'Enable',
    enableThem: (name: string) => `Enable ${name}`,
    disable: 'Disable',
    disableThem: (name: string) => `Disable ${name}`,
    stepDown: {
      title: 'Give up your own role?',
      text: (role: string) =>
        `You will be a ${role} and can look after the workspace no more. Only another owner can make you an owner again.`,
      action: 'Give it up',
    },
    promote: {
      title: (name: string) => `Make ${name} an owner?`,
      text: (name: string) => `${name} will be able to do everything that you can, also disable your account.`,
      action: 'Make owner',
    },
    askDisable: {
      title: (name: string) => `Disable ${name}?`,
      text: (name: string) =>
        `${name} is signed out everywhere at once and cannot sign in until somebody enables the account again. Their messages stay.`,
      action: 'Disable',
    },
  },

  invites: {
    form: 'New invitation',
    intro: 'Whoever has the link of an invitation can create an account.',
    lasts: 'It works for',
    days: (n: number) => plural(n, { one: '1 day', other: `${number(n)} days` }),
    year: '1 year',
    uses: 'How many people',
    noLimit: 'No limit',
    badUses: (most: number) => `Enter a number from 1 to ${number(most)}, or nothing for no limit.`,
    create: 'Create an invitation',
    made: 'New invitation',
    open: 'Open invitations',
    none: 'There are none. Make one above and send its link to somebody.',
    madeBy: (who: string, ago: string) => `Made by ${who} ${ago}`,
    terms: (uses: string, day: string) => `${uses}, ${day === '' ? 'without end' : `until ${day}`}`,
    usedOf: (uses: number, most: number) => `Used by ${number(uses)} of ${number(most)}`,
    usedBy: (uses: number) => (uses === 0 ? 'Not used yet' : `Used by ${number(uses)}`),
    revoke: 'Revoke',
    revokeIt: (invitation: string) => `Revoke the invitation ${invitation.toLowerCase()}`,
    ask: 'Revoke this invitation?',
    askText: 'Nobody can join by its link any more. Who came by it stays.',
  },

  rooms: {
    intro: 'Nobody writes in an archived room, and it leaves the list of rooms; its messages stay.',
    none: 'There are no rooms yet. Make one in the list of rooms.',
    list: 'Rooms',
    archived: 'Archived',
    archive: 'Archive',
    archiveIt: (room: string) => `Archive ${room}`,
    takeOut: 'Take out',
    takeItOut: (room: string) => `Take ${room} out of the archive`,
    ask: (room: string) => `Archive ${room}?`,
    askText: 'Nobody can write in it any more until it is taken out of the archive. Its messages stay.',
  },

  workspaceForm: {
    form: 'Workspace',
    name: 'Workspace name',
    saved: 'Saved. Others see it when they next load the page.',
  },

  auditLog: {
    intro: 'Acts that change who may do what. Nobody can take an entry out; only owners read it.',
    none: 'Nothing has happened yet.',
    list: 'Audit log',
    older: 'Show older entries',
  },

  /** Entries of the audit log, as sentences without a full stop. */
  audit: {
    commandLine: 'The command line',
    disabled: (who: Piece, whom: Piece): Piece[] => [who, ' disabled the account of ', whom],
    enabled: (who: Piece, whom: Piece): Piece[] => [who, ' enabled the account of ', whom, ' again'],
    passwordSet: (who: Piece, whom: Piece): Piece[] => [who, ' set a new password for ', whom],
    archived: (who: Piece, room: Piece): Piece[] => [who, ' archived the room ', room],
    unarchived: (who: Piece, room: Piece): Piece[] => [who, ' took the room ', room, ' out of the archive'],
    inviteRevoked: (who: Piece): Piece[] => [who, ' revoked an invitation'],
    unknown: (who: Piece, action: string, subject: Piece | null): Piece[] => [
      who,
      `: ${action}`,
      ...(subject === null ? [] : [' (', subject, ')']),
    ],
    setUp: (who: Piece): Piece[] => [who, ' set up the workspace and became its owner'],
    joinedBy: (who: Piece, inviter: Piece): Piece[] => [who, ' joined by an invitation of ', inviter],
    joinedByInvitation: (who: Piece): Piece[] => [who, ' joined by an invitation'],
    registered: (who: Piece): Piece[] => [who, ' created an account'],
    fromSite: (who: Piece): Piece[] => [who, ' came in from the site'],
    createdFor: (who: Piece, whom: Piece): Piece[] => [who, ' created an account for ', whom],
    joined: (who: Piece): Piece[] => [who, ' joined'],
    roles: { owner: 'an owner', moderator: 'a moderator', member: 'a member' } as Readonly<Record<string, string>>,
    someRole: 'something else',
    roleChanged: (who: Piece, whom: Piece, role: string, before: string): Piece[] => [
      who,
      ' made ',
      whom,
      ` ${role}`,
      ...(before === '' ? [] : [`, who was ${before} before`]),
    ],
    removed: (who: Piece, whom: Piece): Piece[] => [who, ' removed ', whom, ' from a room'],
    removedFrom: (who: Piece, whom: Piece, room: Piece): Piece[] => [who, ' removed ', whom, ' from ', room],
    invited: (who: Piece, uses: number, lasts: string): Piece[] => {
      const terms: string[] = [];
      if (uses > 0) terms.push(plural(uses, { one: 'for 1 person', other: `for ${number(uses)} people` }));
      if (lasts !== '') terms.push(`that lasts ${lasts}`);
      return [who, ' made an invitation', ...(terms.length === 0 ? [] : [` ${terms.join(' ')}`])];
    },
    workspaceChanged: (who: Piece): Piece[] => [who, ' changed the workspace'],
    colourChanged: (who: Piece): Piece[] => [who, ' changed the colour of the workspace'],
    renamed: (who: Piece, before: string, now: string): Piece[] => [
      who,
      ' renamed the workspace from ',
      { name: before },
      ' to ',
      { name: now },
    ],
  },
} as const;
