export type Part = { kind: 'text'; text: string } | { kind: 'link'; text: string; href: string };

/** What may begin a link. Characters that turn the direction of writing round end it: they could hide where it leads. */
const candidate = /https?:\/\/[^\s<>"`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;

/** Signs that end a sentence rather than an address, when they stand at its end. */
const trailing = new Set(`.,;:!?'’”…*_~`);

const brackets: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** Splits a text at its links. Only http and https become links; the text itself is kept, every character of it. */
export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(candidate)) {
    const at = match.index;
    if (/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at))) {
      continue;
    }
    const found = trimEnd(match[0]);
    const href = address(found);
    if (href === null) {
      continue;
    }
    if (at > done) {
      parts.push({ kind: 'text', text: text.slice(done, at) });
    }
    parts.push({ kind: 'link', text: found, href });
    done = at + found.length;
  }
  if (done < text.length) {
    parts.push({ kind: 'text', text: text.slice(done) });
  }
  return parts;
}

/** Takes off signs at the end that belong to the sentence: full stops, and brackets that were opened before the link. */
function trimEnd(found: string): string {
  const surplus = new Map<string, number>();
  for (const sign of found) {
    const open = brackets[sign] ?? sign;
    surplus.set(open, (surplus.get(open) ?? 0) + (sign in brackets ? 1 : -1));
  }
  let end = found.length;
  while (end > 0) {
    const sign = found.charAt(end - 1);
    const open = brackets[sign];
    const left = open ? (surplus.get(open) ?? 0) : 0;
    if (!trailing.has(sign) && left <= 0) {
      break;
    }
    if (open) {
      surplus.set(open, left - 1);
    }
    end--;
  }
  return found.slice(0, end);
}

function address(found: string): string | null {
  if (!URL.canParse(found)) {
    return null;
  }
  const url = new URL(found);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname !== '' ? url.href : null;
}
