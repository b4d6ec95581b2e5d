/** Words that several parts of the page use. */
export const common = {
  cancel: 'Cancel',
  close: 'Close',
  delete: 'Delete',
  retry: 'Retry',
  save: 'Save',
} as const;
