/** The most a message may hold, in Unicode code points. */
export const maxContent = 8000;

/** The length as the server counts it: in code points. */
export function contentLength(text: string): number {
  let length = 0;
  for (const _ of text) {
    length++;
  }
  return length;
}

/** What is sent of a text: without blank ends. '' is not sent. */
export function sendable(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/u, '').trimEnd();
}

/** Whether a key sends: Enter alone, but not the Enter that ends an input method's composition (229 in Safari). */
export function sends(event: {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  keyCode: number;
  isComposing: boolean;
}): boolean {
  return (
    event.key === 'Enter' &&
    !event.shiftKey &&
    !event.altKey &&
    !event.ctrlKey &&
    !event.metaKey &&
    !event.isComposing &&
    event.keyCode !== 229
  );
}

/** "bob is typing", "bob and cat are typing", "bob, cat and dan are typing", "Several people are typing". */
export function typingText(names: readonly string[]): string {
  const [a, b, c] = names;
  switch (names.length) {
    case 0:
      return '';
    case 1:
      return `${a} is typing`;
    case 2:
      return `${a} and ${b} are typing`;
    case 3:
      return `${a}, ${b} and ${c} are typing`;
    default:
      return 'Several people are typing';
  }
}

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
