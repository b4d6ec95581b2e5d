import { lazy, type MouseEvent, type ReactNode, type RefObject, Suspense, useRef, useState } from 'react';

const RoomMenu = lazy(() => import('./RoomMenu').then((m) => ({ default: m.RoomMenu })));

interface RoomMenuHandle {
  anchor: RefObject<HTMLAnchorElement | null>;
  open: boolean;
  toggle: () => void;
  onContextMenu: (event: MouseEvent) => void;
  popup: ReactNode;
}

/** The menu of a room at what is its anchor: a button, or a link that is pressed with the other button or the menu key. */
export function useRoomMenu(room: string): RoomMenuHandle {
  const anchor = useRef<HTMLAnchorElement>(null);
  const [open, setOpen] = useState(false);
  return {
    anchor,
    open,
    toggle: () => setOpen(!open),
    onContextMenu: (event) => {
      event.preventDefault();
      setOpen(true);
    },
    popup: open && (
      <Suspense fallback={null}>
        <RoomMenu room={room} anchor={anchor} onClose={() => setOpen(false)} />
      </Suspense>
    ),
  };
}
