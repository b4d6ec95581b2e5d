/** What the chat says of people from the beginning: whether they are here, what they do, what is folded. */
export const presence = {
  states: { online: 'Online', away: 'Away', dnd: 'Do not disturb', offline: 'Offline' },
  lastSeen: (when: string) => `Last seen ${when}`,
  quiet: (when: string) => `Do not disturb until ${when}`,
  status: 'Status',
  setStatus: 'Set a status…',
  changeStatus: 'Change your status…',
  dndHour: 'Do not disturb for an hour',
  dndTomorrow: 'Do not disturb until tomorrow',
  dndOff: 'Let yourself be disturbed again',
  failed: (why: string) => `That did not work: ${why}.`,
  folded: 'A message of somebody you have blocked',
  unfold: 'Show it',
} as const;
