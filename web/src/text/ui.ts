/** The words that the building blocks bring with them. */
export const ui = {
  /** Under a card that has nothing else to say there. */
  runsOn: 'Runs on Parley, on this server only',
  hidePassword: 'Hide what you type',
  showPassword: 'Show what you type',
} as const;
