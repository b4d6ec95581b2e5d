/** Words that several parts of the page use. */
export const common = {
  cancel: 'Cancel',
  close: 'Close',
  delete: 'Delete',
  loading: 'Loading…',
  retry: 'Retry',
  save: 'Save',
  tryAgain: 'Try again',
} as const;
