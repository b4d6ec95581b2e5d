import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps the focus in an open drawer: it goes to the current room, Tab goes round, Esc closes, and the focus returns
 * to the button that opened it. The page behind is `inert`, which is the caller's to set.
 */
export function useDrawer(drawer: RefObject<HTMLElement | null>, open: boolean, onClose: () => void) {
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });

  useEffect(() => {
    const element = drawer.current;
    if (!open || !element) {
      return;
    }
    (element.querySelector<HTMLElement>('[aria-current]') ?? element.querySelector('button'))?.focus();
    const onKeyDown = (event: KeyboardEvent) => {
      // A press on what cannot have the focus leaves it with the page.
      const here = event.target === document.body || (event.target instanceof Node && element.contains(event.target));
      if (event.defaultPrevented || !here) {
        return;
      }
      if (event.key === 'Escape') {
        event.preventDefault();
        close.current();
      } else if (event.key === 'Tab') {
        goRound(element, event);
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      // Whoever has chosen a room is in its composer next.
      if (document.activeElement === document.body || element.contains(document.activeElement)) {
        document.querySelector<HTMLElement>('[data-opens="rooms"]')?.focus();
      }
    };
  }, [drawer, open]);
}

function goRound(element: HTMLElement, event: KeyboardEvent) {
  const stops = [...element.querySelectorAll<HTMLElement>('a[href], button:not(:disabled)')];
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement === edge) {
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
}
