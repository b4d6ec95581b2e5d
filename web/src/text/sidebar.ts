/** The lists of rooms and of conversations. */
export const sidebar = {
  direct: 'Direct messages',
  newDirect: 'New direct message',
  noDirect: 'Write to somebody',
  browse: 'Browse rooms',
  online: 'online',
} as const;
