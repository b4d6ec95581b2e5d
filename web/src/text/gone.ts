/** What is said in place of a room that is not there, or that one is no longer in. */
export const gone = {
  noRoom: (name: string) => `There is no room called ${name}`,
  noRoomHint:
    'It may be archived, have another name now, or be open to its members alone. Choose a room beside, or go back to general.',
  goGeneral: 'Go to general',
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
