/** A piece of a text: plain words, or a name, a command or a way to go on that is set off from them. */
export type Piece = string | { name: string } | { code: string } | { link: string; to: string };
