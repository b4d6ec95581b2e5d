/** The most a message may hold, in Unicode code points. */
export const maxContent = 8000;

/** From so many code points on, the box says how many are left. */
export const nearlyFull = maxContent - 500;

/**
 * The most that the box takes in, in UTF-16 units. More than a message may hold, so that a long text can be cut down or sent
 * in parts, and little enough that no browser stands still over it.
 */
export const maxBox = 100_000;

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

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey' | 'keyCode' | 'isComposing'>;

/** Whether a key belongs to an input method's composition (229 in Safari): it is not for us. */
export const composes = ({ isComposing, keyCode }: Pick<Key, 'isComposing' | 'keyCode'>): boolean =>
  isComposing || keyCode === 229;

const plain = (event: Key) => !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey && !composes(event);

/** Whether a key sends: Enter alone. */
export const sends = (event: Key): boolean => event.key === 'Enter' && plain(event);

/** What a key does to a list of suggestions. */
export function choice(event: Key): 'next' | 'previous' | 'accept' | 'close' | null {
  if (!plain(event)) {
    return null;
  }
  switch (event.key) {
    case 'ArrowDown':
      return 'next';
    case 'ArrowUp':
      return 'previous';
    case 'Enter':
    case 'Tab':
      return 'accept';
    case 'Escape':
      return 'close';
    default:
      return null;
  }
}
