/** "ann", "ann and bob", "ann, bob and 3 others". */
export function nameList(names: readonly string[], most = 3): string {
  if (names.length <= 1) {
    return names[0] ?? '';
  }
  if (names.length <= most) {
    return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  }
  const shown = names.slice(0, most - 1);
  const others = names.length - shown.length;
  return `${shown.join(', ')} and ${others} others`;
}
