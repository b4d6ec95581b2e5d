/** A combination of keys. mod is Cmd on a Mac and Ctrl elsewhere. */
export interface Keys {
  /** As `KeyboardEvent.key` has it. */
  key: string;
  mod?: boolean;
  alt?: boolean;
  shift?: boolean;
}

/** What the page does at a key, wherever the focus is. */
export type Act = 'switcher' | 'help' | 'previous' | 'next' | 'previousUnread' | 'nextUnread' | 'readRoom' | 'readAll';

export interface Shortcut {
  act: Act;
  keys: Keys;
  group: 'go' | 'read';
}

/**
 * What works wherever the focus is, in the order in which the help sheet shows it. Ctrl/Cmd+F is not among them: it is the
 * browser's.
 */
export const shortcuts: readonly Shortcut[] = [
  { act: 'switcher', keys: { key: 'k', mod: true }, group: 'go' },
  { act: 'previous', keys: { key: 'ArrowUp', alt: true }, group: 'go' },
  { act: 'next', keys: { key: 'ArrowDown', alt: true }, group: 'go' },
  { act: 'previousUnread', keys: { key: 'ArrowUp', alt: true, shift: true }, group: 'go' },
  { act: 'nextUnread', keys: { key: 'ArrowDown', alt: true, shift: true }, group: 'go' },
  { act: 'readRoom', keys: { key: 'Escape' }, group: 'read' },
  { act: 'readAll', keys: { key: 'Escape', shift: true }, group: 'read' },
  { act: 'help', keys: { key: '/', mod: true }, group: 'go' },
];

export type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Whether a press is this combination and no other. A sign may need Shift to be typed at all, as / on many keyboards. */
export function pressed(event: Pressed, keys: Keys, mac: boolean): boolean {
  const sign = keys.key.length === 1 && !/[a-z]/.test(keys.key);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  return (
    event.key.toLowerCase() === keys.key.toLowerCase() &&
    mod === Boolean(keys.mod) &&
    !other &&
    event.altKey === Boolean(keys.alt) &&
    (sign || event.shiftKey === Boolean(keys.shift))
  );
}

/** What the page does at a press; null if nothing. */
export function actOf(event: Pressed, mac: boolean): Act | null {
  return shortcuts.find((each) => pressed(event, each.keys, mac))?.act ?? null;
}

/** Whether this is a Mac or another device of Apple, whose keys have other names. */
export function isMac(): boolean {
  const hints = (navigator as { userAgentData?: { platform?: string } }).userAgentData;
  return /mac|iphone|ipad/i.test(hints?.platform || navigator.platform);
}

const names: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc' };

/** What stands on the keys, one text for each. */
export function labels(keys: Keys, mac: boolean): string[] {
  const held = mac
    ? [keys.alt && '⌥', keys.shift && '⇧', keys.mod && '⌘']
    : [keys.mod && 'Ctrl', keys.alt && 'Alt', keys.shift && 'Shift'];
  const last = names[keys.key] ?? (keys.key.length === 1 ? keys.key.toUpperCase() : keys.key);
  return [...held.filter((name) => typeof name === 'string'), last];
}

/** The keys of something the page does. */
export function keysOf(act: Act): Keys {
  const found = shortcuts.find((each) => each.act === act);
  if (!found) {
    throw new Error(`there is no shortcut ${act}`);
  }
  return found.keys;
}
