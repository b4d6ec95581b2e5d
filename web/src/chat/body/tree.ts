/**
 * Reads the HTML that the server makes of a message. It is well-formed and of a few elements (docs/protocol.md, "The HTML of a
 * message"), so its reader is small, and it believes nothing: what is not on the list here, or not as the list has it, makes
 * the whole no tree, and the message is shown as it was typed.
 */
export type Tree = readonly (string | Branch)[];

export interface Branch {
  readonly name: Name;
  /** Where a link leads, the language of code, the class of a piece of code, the first number of a list; null: none. */
  readonly value: string | null;
  readonly inside: Tree;
}

const names = ['p', 'br', 'strong', 'em', 'del', 'code', 'pre', 'span', 'blockquote', 'ul', 'ol', 'li', 'a'] as const;
export type Name = (typeof names)[number];

/** How deep elements stand in each other at most; the server has 36. */
const DEEP = 40;

const known: ReadonlySet<string> = new Set(names);
const isName = (name: string): name is Name => known.has(name);

/** What an element may have for attributes: none at all, or exactly this with the value in the group. */
const attributes: { readonly [N in Name]?: RegExp } = {
  a: /^ href="([^"]+)" rel="noopener noreferrer"$/,
  code: /^(?: class="language-([a-z]{1,16})")?$/,
  ol: /^(?: start="(\d{1,9})")?$/,
  span: /^ class="([ksncfid])"$/,
};
const none = /^$/;

const token = /<(\/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)>|([^<]+)|</g;
const reference = /&(amp|lt|gt|#34|#39);/g;
const referred: Record<string, string> = { amp: '&', lt: '<', gt: '>', '#34': '"', '#39': "'" };

const unescaped = (text: string) =>
  text.includes('&') ? text.replace(reference, (_, name: string) => referred[name] ?? '') : text;

/** A link that the page makes: one of three schemes, and absolute. */
export function safeHref(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const { protocol } = new URL(href);
  return protocol === 'http:' || protocol === 'https:' || protocol === 'mailto:' ? href : null;
}

interface Open {
  name: Name | '';
  value: string | null;
  inside: (string | Branch)[];
}

export function read(html: string): Tree | null {
  const stack: Open[] = [{ name: '', value: null, inside: [] }];
  for (const [whole, closing, name = '', has = '', text] of html.matchAll(token)) {
    const top = stack.at(-1);
    if (top === undefined) return null;
    if (text !== undefined) {
      top.inside.push(unescaped(text));
      continue;
    }
    if (whole === '<' || !isName(name)) return null;
    if (closing === '/') {
      const done = stack.pop();
      const outer = stack.at(-1);
      if (done === undefined || outer === undefined || done.name !== name || has !== '') return null;
      outer.inside.push({ name, value: done.value, inside: done.inside });
      continue;
    }
    const fits = (attributes[name] ?? none).exec(has);
    if (fits === null || stack.length > DEEP) return null;
    let value = fits[1] ?? null;
    if (name === 'a') {
      value = safeHref(unescaped(value ?? ''));
      if (value === null || stack.some((open) => open.name === 'a')) return null;
    }
    if (name === 'br') top.inside.push({ name, value: null, inside: [] });
    else stack.push({ name, value, inside: [] });
  }
  return stack.length === 1 ? (stack[0]?.inside ?? null) : null;
}

/** The text of a tree, as it is copied. */
export const textOf = (tree: Tree): string =>
  tree.map((part) => (typeof part === 'string' ? part : part.name === 'br' ? '\n' : textOf(part.inside))).join('');
