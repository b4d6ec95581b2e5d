/** What stands before the caret and asks to be completed: "@an", "#gen", ":smi". Pure. */

export type Sign = '@' | '#' | ':';

export interface Token {
  sign: Sign;
  /** Where the sign stands in the text. */
  start: number;
  /** What follows the sign, up to the caret. */
  query: string;
}

/** A replacement in a text. The caret goes behind it. */
export interface Edit {
  start: number;
  end: number;
  insert: string;
}

/** No name, room or emoji is longer, in UTF-16 units; nothing farther from the caret is looked at. */
const longest = 128;

/** What may follow a sign. Names have letters, digits, marks, single spaces and - _ . in them. */
const queries: Record<Sign, RegExp> = {
  '@': /^(?:[\p{L}\p{M}\p{N}._'’-]+(?: (?! ))?)*(?<! )$/u,
  '#': /^[\p{L}\p{N}_-]*$/u,
  ':': /^[a-z0-9_+-]{2,}$/i,
};

/** A sign behind one of these is part of a word, an address or a time, such as me@example.org or 12:30. */
const joins = /[\p{L}\p{M}\p{N}._\-/@#:&=+%]/u;

const isSign = (c: string | undefined): c is Sign => c === '@' || c === '#' || c === ':';

/** The token that ends at the caret, or null. What stands behind the caret does not matter. */
export function tokenBefore(text: string, caret: number): Token | null {
  for (let start = caret - 1; start >= 0 && start >= caret - longest; start--) {
    const c = text[start];
    if (c === '\n') {
      return null;
    }
    if (isSign(c) && !joins.test(text[start - 1] ?? '')) {
      const query = text.slice(start + 1, caret);
      if (queries[c].test(query)) {
        return { sign: c, start, query };
      }
    }
  }
  return null;
}

/**
 * Writes a value in a token's place, a space behind it. What stands behind the caret is taken along if it is the rest of the
 * value, and a space that is there already is not doubled.
 */
export function completion(text: string, { sign, start, query }: Token, value: string): Edit {
  let end = start + 1 + query.length;
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const rest = value.slice(1 + query.length);
  if (rest !== '' && same(value.slice(0, 1 + query.length), sign + query)) {
    const next = text.slice(end, end + rest.length);
    if (same(next, rest)) {
      end += rest.length;
    }
  }
  if (sign === ':' && text[end] === ':') {
    end++;
  }
  if (text[end] === ' ') {
    end++;
  }
  return { start, end, insert: `${value} ` };
}
