/** Finds what a query may mean, the likeliest first. Pure. */

/** What is looked for in: names in lower case, without accents. */
export type Folded = string;

export const fold = (text: string): Folded =>
  text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/** How well a name fits: it is the query, begins with it, has a word that does, or has it inside; null: not at all. */
export function matching(query: Folded, name: Folded): 0 | 1 | 2 | 3 | null {
  const at = name.indexOf(query);
  if (at < 0) {
    return null;
  }
  if (at === 0) {
    return name.length === query.length ? 0 : 1;
  }
  for (let i = at; i > 0; i = name.indexOf(query, i + 1)) {
    if (/[^\p{L}\p{N}]/u.test(name[i - 1] ?? '')) {
      return 2;
    }
  }
  // A query of several words is the beginning of a name, or it is not about a name at all.
  return query.includes(' ') ? null : 3;
}

export interface Candidate {
  /** What it is called, in every way; the best of them counts. */
  names: readonly Folded[];
  /** Nearer ones come first among those that fit. */
  near: boolean;
}

/** At most `most` of what fits: what is called just so, then what is near, then what fits best; else in the order given. */
export function best<T extends Candidate>(candidates: readonly T[], query: string, most: number): T[] {
  const wanted = fold(query);
  const fitting: { of: T; rank: number; at: number }[] = [];
  candidates.forEach((of, at) => {
    let fits = 4;
    for (const name of of.names) {
      fits = Math.min(fits, matching(wanted, name) ?? 4);
    }
    if (fits < 4) {
      fitting.push({ of, at, rank: fits === 0 ? 0 : fits + (of.near ? 0 : 4) });
    }
  });
  return fitting
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, most)
    .map(({ of }) => of);
}

/** The part of a name that a query is found in, for a mark; null where folding moves letters. */
export function found(query: string, name: string): { from: number; to: number } | null {
  const folded = fold(name);
  const wanted = fold(query);
  if (wanted === '' || folded.length !== name.length) {
    return null;
  }
  const word = folded
    .split('')
    .findIndex((_, i) => folded.startsWith(wanted, i) && !/[\p{L}\p{N}]/u.test(folded[i - 1] ?? ''));
  const from = word >= 0 ? word : folded.indexOf(wanted);
  return from < 0 ? null : { from, to: from + wanted.length };
}
