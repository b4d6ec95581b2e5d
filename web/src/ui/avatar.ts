/** A hue, 0 to 359, that belongs to an id. */
export function hueOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  }
  return (hash >>> 0) % 360;
}

/** Up to `most` initials of a name, in capitals: of its first and its last word. */
export function initialsOf(name: string, most: 1 | 2): string {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const first = [...(words[0] ?? name.trim())][0] ?? '?';
  const last = words.length > 1 ? ([...(words.at(-1) ?? '')][0] ?? '') : '';
  return (most === 1 ? first : first + last).toLocaleUpperCase();
}
