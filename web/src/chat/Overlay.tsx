import { lazy, Suspense, useCallback, useRef, useState } from 'react';

const loadSwitcher = () => import('../keyboard/Switcher').then((m) => ({ default: m.Switcher }));
const Switcher = lazy(loadSwitcher);
const ShortcutSheet = lazy(() => import('../keyboard/ShortcutSheet').then((m) => ({ default: m.ShortcutSheet })));
const NotificationDialog = lazy(() =>
  import('../notify/NotificationDialog').then((m) => ({ default: m.NotificationDialog })),
);
const StatusDialog = lazy(() => import('../people/StatusDialog').then((m) => ({ default: m.StatusDialog })));

/** Fetches the switcher's code, so that what is typed right after its shortcut is typed into it, also without a connection. */
export const preloadSwitcher = () => void loadSwitcher().catch(() => {}); // it is tried again when it is needed

/** What can lie over the chat. */
export type Over = 'switcher' | 'help' | 'notifications' | 'status';

/** Which of them does, and what gets the focus when it is gone. */
export function useOver() {
  const [over, setOver] = useState<Over | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  const show = useCallback((next: Over) => {
    const focused = document.activeElement;
    // An entry of a menu is gone by then: its button has the focus back.
    const from = focused?.closest('[role="menu"]')
      ? document.querySelector('[aria-haspopup="menu"][aria-expanded="true"]')
      : focused;
    opener.current = from instanceof HTMLElement ? from : null;
    setOver(next);
  }, []);
  const hide = useCallback(() => setOver(null), []);
  const finalFocus = useCallback(() => (opener.current?.isConnected ? opener.current : null), []);
  return { over, show, hide, finalFocus };
}

interface OverlayProps extends Pick<ReturnType<typeof useOver>, 'over' | 'hide' | 'finalFocus'> {
  room: string | null;
  /** Called when the switcher has gone to a room. */
  onGone: () => void;
}

export function Overlay({ over, hide, finalFocus, room, onGone }: OverlayProps) {
  return (
    <Suspense fallback={null}>
      {over === 'switcher' && <Switcher room={room} onClose={hide} onGone={onGone} finalFocus={finalFocus} />}
      {over === 'help' && <ShortcutSheet onClose={hide} finalFocus={finalFocus} />}
      {over === 'notifications' && <NotificationDialog onClose={hide} finalFocus={finalFocus} />}
      {over === 'status' && <StatusDialog onClose={hide} finalFocus={finalFocus} />}
    </Suspense>
  );
}
