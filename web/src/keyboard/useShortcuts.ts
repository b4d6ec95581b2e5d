import { useEffect, useRef } from 'react';
import { type Act, actOf, isMac } from './shortcuts';

/** What takes Esc for itself while it is there. A drawer that is shut is inert. */
const opened = '[role="dialog"]:not([inert]), [role="alertdialog"], [role="menu"], [data-takes-escape]';
/** What the page's other shortcuts wait for; the drawer of rooms is a part of the page. */
const modal = '[role="dialog"]:not([inert], [data-drawer]), [role="alertdialog"]';

const there = (selector: string) => document.querySelector(selector) !== null;

/**
 * Calls back at each shortcut of the page. Whatever is open over it comes first: Esc is then that one's alone, and what it
 * closes is still there when the press begins, which is why this looks before anybody else. A part of the page that
 * takes a key for itself says so by preventDefault or stopPropagation.
 */
export function useShortcuts(act: (act: Act) => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const mac = isMac();
    let due: Act | null = null;
    const begins = (event: KeyboardEvent) => {
      // Esc ends what an input method proposes.
      const found = event.isComposing || event.keyCode === 229 ? null : actOf(event, mac);
      const waits = found !== null && there(event.key === 'Escape' ? opened : modal);
      due = waits ? null : found;
      if (waits && event.key !== 'Escape') {
        event.preventDefault(); // the browser has other uses for some of them
      }
    };
    const ends = (event: KeyboardEvent) => {
      if (due !== null && !event.defaultPrevented) {
        event.preventDefault();
        latest.current(due);
      }
      due = null;
    };
    window.addEventListener('keydown', begins, { capture: true });
    window.addEventListener('keydown', ends);
    return () => {
      window.removeEventListener('keydown', begins, { capture: true });
      window.removeEventListener('keydown', ends);
    };
  }, []);
}
