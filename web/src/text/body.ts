/** The words of what stands in a message. */
export const body = {
  code: (language: string | null) => (language === null ? 'Code' : `Code, ${language}`),
  copy: 'Copy code',
  copied: 'Copied',
  notCopied: 'The browser does not allow copying here. The code is selected: press Ctrl+C or ⌘C.',
} as const;
