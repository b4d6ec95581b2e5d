/** What the chat says of people from the beginning: whether they are here, what they do, what is folded. */
export const presence = {
  states: { online: 'Online', away: 'Away', dnd: 'Do not disturb', offline: 'Offline' },
  lastSeen: (when: string) => `Last seen ${when}`,
  status: 'Status',
  folded: 'A message of somebody you have blocked',
  unfold: 'Show it',
} as const;
