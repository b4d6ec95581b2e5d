/** How the texts' language says numbers, counts and lists. */
const language = 'en-GB';
const rules = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
const lists = new Intl.ListFormat(language, { type: 'conjunction' });

/** A number as it is written: 1,234. */
export const number = (n: number): string => numbers.format(n);

/** The text for a count: `plural(n, { one: '1 person', other: `${number(n)} people` })`. */
export function plural(n: number, texts: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  return texts[rules.select(n)] ?? texts.other;
}

/** "ann", "ann and bob", "ann, bob and cat". */
export const list = (names: readonly string[]): string => lists.format(names);
