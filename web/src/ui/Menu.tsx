import type { LucideIcon } from 'lucide-react';
import { lazy, type ReactNode, type RefObject, Suspense, useRef, useState } from 'react';

const load = () => import('./MenuPopup');
const MenuPopup = lazy(load);

/** Fetches the menu's code, so that the first one opens at once, and also without a connection. */
export const preloadMenu = () => void load().catch(() => {}); // it is tried again when it is needed

export type MenuEntry =
  | { kind: 'do'; label: string; icon?: LucideIcon; onSelect: () => void }
  | {
      kind: 'choose';
      label: string;
      value: string;
      options: { value: string; label: string; icon: LucideIcon }[];
      onChange: (value: string) => void;
    }
  | { kind: 'line' };

export interface MenuPopupProps {
  open: boolean;
  onClose: () => void;
  /** Where it opens, and what gets the focus when it closes. */
  anchor: RefObject<HTMLElement | null>;
  label: string;
  entries: MenuEntry[];
}

interface MenuProps {
  /** The menu's name. */
  label: string;
  entries: MenuEntry[];
  /** Draws the button with the attributes that it is given. */
  button: (attributes: {
    ref: RefObject<HTMLButtonElement | null>;
    'aria-haspopup': 'menu';
    'aria-expanded': boolean;
    onClick: () => void;
    onPointerEnter: () => void;
    onFocus: () => void;
  }) => ReactNode;
}

/** A button with a menu. Its code is fetched when the button is about to be pressed. */
export function Menu({ label, entries, button }: MenuProps) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      {button({
        ref: anchor,
        'aria-haspopup': 'menu',
        'aria-expanded': open,
        onClick: () => setOpen(!open),
        onPointerEnter: preloadMenu,
        onFocus: preloadMenu,
      })}
      <Suspense fallback={null}>
        {open && (
          <MenuPopup open={open} onClose={() => setOpen(false)} anchor={anchor} label={label} entries={entries} />
        )}
      </Suspense>
    </>
  );
}
