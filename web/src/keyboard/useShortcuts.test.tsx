import { fireEvent, render, screen } from '@testing-library/react';
import { type KeyboardEvent, useState } from 'react';
import { expect, it, vi } from 'vitest';
import { useShortcuts } from './useShortcuts';

function Page({ acts }: { acts: (act: string) => void }) {
  const [menu, setMenu] = useState(false);
  useShortcuts(acts);
  const takes = (how: 'stopPropagation' | 'preventDefault') => (event: KeyboardEvent) =>
    event.key === 'Escape' && event[how]();
  return (
    <>
      <textarea aria-label="plain" />
      <textarea aria-label="stops" onKeyDown={takes('stopPropagation')} />
      <textarea aria-label="prevents" onKeyDown={takes('preventDefault')} />
      <div role="dialog" aria-label="a drawer that is shut" inert />
      <button
        type="button"
        onClick={() => setMenu(true)}
        onKeyDown={(event) => event.key === 'Escape' && setMenu(false)}
      >
        open
      </button>
      {menu && <div role="menu" />}
    </>
  );
}

const at = (name: string) => screen.getByRole('textbox', { name });

it('acts wherever the focus is, and keeps the browser from acting as well', () => {
  const acts = vi.fn();
  const { unmount } = render(<Page acts={acts} />);
  expect(fireEvent.keyDown(at('plain'), { key: 'k', ctrlKey: true })).toBe(false);
  fireEvent.keyDown(document.body, { key: 'ArrowDown', altKey: true });
  fireEvent.keyDown(at('plain'), { key: 'Escape' });
  expect(acts.mock.calls.flat()).toEqual(['switcher', 'next', 'readRoom']);
  expect(fireEvent.keyDown(at('plain'), { key: 'f', ctrlKey: true })).toBe(true);
  unmount();
  fireEvent.keyDown(document.body, { key: 'Escape' });
  expect(acts).toHaveBeenCalledTimes(3);
});

it('leaves Esc to whatever took it, to an input method, and to what was open when it was pressed', () => {
  const acts = vi.fn();
  render(<Page acts={acts} />);
  fireEvent.keyDown(at('stops'), { key: 'Escape' });
  fireEvent.keyDown(at('prevents'), { key: 'Escape' });
  fireEvent.keyDown(at('plain'), { key: 'Escape', isComposing: true });
  fireEvent.keyDown(at('plain'), { key: 'Escape', keyCode: 229 });
  const button = screen.getByRole('button');
  fireEvent.click(button);
  fireEvent.keyDown(button, { key: 'Escape' }); // this closes the menu
  expect(screen.queryByRole('menu')).toBeNull();
  expect(acts).not.toHaveBeenCalled();
  fireEvent.keyDown(button, { key: 'Escape' });
  expect(acts.mock.calls.flat()).toEqual(['readRoom']);
});

it('does nothing below a dialog, and nor does the browser', () => {
  const acts = vi.fn();
  render(<Page acts={acts} />);
  const dialog = document.createElement('div');
  dialog.setAttribute('role', 'dialog');
  document.body.append(dialog);
  expect(fireEvent.keyDown(dialog, { key: 'k', ctrlKey: true })).toBe(false);
  fireEvent.keyDown(dialog, { key: 'Escape', shiftKey: true });
  dialog.remove();
  expect(acts).not.toHaveBeenCalled();
});
