/** A text in pieces: those with mark are highlighted words. */
export interface Piece {
  readonly text: string;
  readonly mark: boolean;
}

let words: readonly string[] = [];
let pattern: RegExp | null = null;

/** One expression for all words, made once for each list of them. */
function patternOf(list: readonly string[]): RegExp | null {
  if (list !== words) {
    words = list;
    const plain = list.map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).sort((a, b) => b.length - a.length);
    pattern =
      plain.length > 0 ? new RegExp(`(?<![\\p{L}\\p{N}_])(?:${plain.join('|')})(?![\\p{L}\\p{N}_])`, 'giu') : null;
  }
  return pattern;
}

/** Whether a text has one of the words in it, as a word of its own, in whatever case. */
export function hasWord(text: string, list: readonly string[]): boolean {
  const of = patternOf(list);
  if (of === null) return false;
  of.lastIndex = 0;
  return of.test(text);
}

/** The pieces of a text; null if no word is in it. */
export function piecesOf(text: string, list: readonly string[]): Piece[] | null {
  const of = patternOf(list);
  if (of === null) return null;
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(of)) {
    if (found.index > end) pieces.push({ text: text.slice(end, found.index), mark: false });
    pieces.push({ text: found[0], mark: true });
    end = found.index + found[0].length;
  }
  if (pieces.length === 0) return null;
  if (end < text.length) pieces.push({ text: text.slice(end), mark: false });
  return pieces;
}
