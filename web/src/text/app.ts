/** Words of what stands around the chat: waiting, a server that is not there or not set up, the end of a session. */
export const app = {
  name: 'Parley',
  noAnswer: 'the server did not answer',

  unreachable: 'Parley cannot be reached',
  asked: (answer: string) => `It was asked who you are, and this came back: ${answer}.`,

  notSetUp: 'Not set up yet',
  openTheLink: 'This server has not been set up yet: open the link it printed at its start.',
  linkLife: 'The link is good for 30 minutes. Start the server again to get a new one.',
  createFirst: 'Create the first account',
  createFirstAfter: ', which will be the owner’s.',
  lookAround: 'Look around as a guest',

  goingToSignIn: 'Taking you to sign in…',
  notSignedIn: 'You are not signed in',
  signInAtFirst: (host: string) => `This chat is part of ${host}: sign in there first.`,
  signIn: 'Sign in',

  signedOut: 'You have been signed out',
  endedAt: (host: string) => `Your session at ${host} has ended. Sign in there again to go on in the same room.`,
  endedElsewhere:
    'This session was ended: from another device, by a new password, or because the account was disabled.',
  ended: 'This session has ended. Sign in again to go on in the same room.',
  signInAgain: 'Sign in again',

  broken: 'The page stopped working',
  brokenWhy: 'Something in it broke. What you sent is safe on the server; load the page again to go on.',
  reload: 'Reload',
} as const;
