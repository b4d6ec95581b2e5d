/** What is said in place of a room that one is no longer in. */
export const gone = {
  removed: (room: string) => `You are no longer in ${room}`,
  left: (room: string) => `You have left ${room}`,
  hidden: 'The conversation is hidden',
  hiddenText: 'It comes back when something new is said in it.',
  by: (name: string) => `${name} removed you from the room.`,
  banned: (name: string) => `${name} removed you from the room; you cannot come back by yourself.`,
  byNobody: 'It is not open to you any more.',
  reason: (text: string) => `The reason given: ${text.replace(/[.!?]?$/u, '.')}`,
  again: 'Join again',
  goOn: 'Go to another room',
  notJoined: (why: string) => `The room was not joined: ${why}.`,
} as const;
