// A plain word on how hard a password is to guess. It is a hint and never refuses one: what counts is length and that the
// text is not made of one pattern.

import { entry } from '../text/entry';
import { MIN_PASSWORD } from './rules';

const texts = entry.strength;

/** What a password is worth against somebody who guesses. */
export type Strength = 'weak' | 'fair' | 'strong';

const common = [
  'password',
  'passwort',
  'qwerty',
  'qwertz',
  'letmein',
  'welcome',
  'iloveyou',
  'admin',
  'dragon',
  'monkey',
  'football',
  'sunshine',
  'changeme',
  'secret',
  'parley',
];

/**
 * Judges a password of at least 8 characters. What others know (the person's name, address and workspace) counts for
 * nothing in it.
 */
export function strengthOf(password: string, known: readonly string[] = []): Strength {
  let rest = password.toLowerCase();
  for (const word of [...known.flatMap((text) => text.toLowerCase().split(/[\s@.]+/)), ...common]) {
    if (word.length >= 3) rest = rest.split(word).join('');
  }
  const steps = worth(rest);
  if (steps < 8) return 'weak';
  return steps < 14 ? 'fair' : 'strong';
}

/** Counts the characters that do not just go on as the two before them did, and only a few of each. */
function worth(text: string): number {
  const seen = new Map<string, number>();
  let count = 0;
  let last = Number.NaN;
  let step = Number.NaN;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const times = (seen.get(char) ?? 0) + 1;
    seen.set(char, times);
    const goesOn = code - last === step && Math.abs(step) <= 1;
    if (!goesOn && times <= 3) count++;
    step = code - last;
    last = code;
  }
  return count;
}

/** The hint under the field of a new password. */
export function passwordHint(password: string, known: readonly string[] = []): string {
  const rule = texts.rule(MIN_PASSWORD);
  if ([...password].length < MIN_PASSWORD) return rule;
  switch (strengthOf(password, known)) {
    case 'weak':
      return `${rule} ${texts.weak}`;
    case 'fair':
      return `${rule} ${texts.fair}`;
    case 'strong':
      return `${rule} ${texts.strong}`;
  }
}
