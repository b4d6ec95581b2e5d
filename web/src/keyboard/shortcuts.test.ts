import { describe, expect, it } from 'vitest';
import { sheet } from './ShortcutSheet';
import { actOf, keysOf, labels, type Pressed, shortcuts } from './shortcuts';

const press = (key: string, held: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe('a press', () => {
  it('is what the table says, with Cmd on a Mac and Ctrl elsewhere', () => {
    expect(actOf(press('k', { ctrlKey: true }), false)).toBe('switcher');
    expect(actOf(press('K', { ctrlKey: true }), false)).toBe('switcher'); // caps lock
    expect(actOf(press('k', { metaKey: true }), true)).toBe('switcher');
    expect(actOf(press('ArrowUp', { altKey: true }), false)).toBe('previous');
    expect(actOf(press('ArrowDown', { altKey: true }), true)).toBe('next');
    expect(actOf(press('ArrowUp', { altKey: true, shiftKey: true }), false)).toBe('previousUnread');
    expect(actOf(press('ArrowDown', { altKey: true, shiftKey: true }), false)).toBe('nextUnread');
    expect(actOf(press('Escape'), false)).toBe('readRoom');
    expect(actOf(press('Escape', { shiftKey: true }), false)).toBe('readAll');
    expect(actOf(press('/', { ctrlKey: true }), false)).toBe('help');
    expect(actOf(press('/', { ctrlKey: true, shiftKey: true }), false)).toBe('help'); // Shift+7 on a German keyboard
  });

  it('is nothing with another key held, and never what belongs to the browser or to a field', () => {
    expect(actOf(press('k', { ctrlKey: true }), true)).toBeNull(); // deletes to the end of the line on a Mac
    expect(actOf(press('k', { metaKey: true }), false)).toBeNull();
    expect(actOf(press('k', { ctrlKey: true, altKey: true }), false)).toBeNull();
    expect(actOf(press('k', { ctrlKey: true, shiftKey: true }), false)).toBeNull();
    expect(actOf(press('Escape', { ctrlKey: true }), false)).toBeNull();
    for (const mac of [false, true]) {
      expect(actOf(press('f', { ctrlKey: true }), mac)).toBeNull();
      expect(actOf(press('f', { metaKey: true }), mac)).toBeNull();
      expect(actOf(press('Enter'), mac)).toBeNull();
      expect(actOf(press('ArrowUp'), mac)).toBeNull();
      expect(actOf(press('k'), mac)).toBeNull();
    }
  });
});

it('names keys as they stand on the keyboard', () => {
  expect(labels(keysOf('switcher'), false)).toEqual(['Ctrl', 'K']);
  expect(labels(keysOf('switcher'), true)).toEqual(['⌘', 'K']);
  expect(labels(keysOf('nextUnread'), false)).toEqual(['Alt', 'Shift', '↓']);
  expect(labels(keysOf('nextUnread'), true)).toEqual(['⌥', '⇧', '↓']);
  expect(labels(keysOf('readAll'), false)).toEqual(['Shift', 'Esc']);
});

it('has each combination and each act once', () => {
  const of = (list: string[]) => expect(new Set(list).size).toBe(list.length);
  of(shortcuts.map(({ keys }) => labels(keys, false).join('+')));
  of(shortcuts.map(({ act }) => act));
});

it('the sheet has what the page does, and what its parts do', () => {
  const all = sheet.flatMap(({ lines }) =>
    lines.flatMap(({ keys }) => keys.map((each) => labels(each, false).join('+'))),
  );
  for (const { keys } of shortcuts) {
    expect(all).toContain(labels(keys, false).join('+'));
  }
  const write = sheet.find(({ id }) => id === 'write')?.lines.map(({ keys }) => keys.map((each) => each.key).join());
  expect(write).toEqual(['Enter', 'Enter', 'ArrowUp', 'Escape', '@', '#', ':']);
  expect(sheet.find(({ id }) => id === 'catchup')?.lines).toHaveLength(2);
});
