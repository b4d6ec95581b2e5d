/** Made by the build: see vite-emoji.ts. */
declare module 'virtual:emoji-data' {
  /** Where the emoji's files are, from the page's base. */
  const folder: string;
  export default folder;
}
declare module 'virtual:emoji-names' {
  /** For readNames. */
  const list: string;
  export default list;
}
