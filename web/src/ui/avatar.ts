/** Hues that can be told apart at a glance. */
const hues = [20, 55, 95, 130, 165, 195, 230, 265, 300, 340];

/** The hue that belongs to an id: always the same, and as good as random from one id to the next. */
export function hueOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash ^= hash >>> 13;
  return hues[(hash >>> 0) % hues.length] ?? 0;
}

/** Up to `most` initials of a name, in capitals: of its first and its last word. */
export function initialsOf(name: string, most: 1 | 2): string {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const first = [...(words[0] ?? name.trim())][0] ?? '?';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return (most === 1 ? first : first + last).toLocaleUpperCase();
}
