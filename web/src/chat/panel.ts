import { useSyncExternalStore } from 'react';

/** What the panel at the right of a room can show. A thread is shown in its own room alone. */
export type Panel =
  | { readonly kind: 'people' | 'details' | 'pins' | 'saved' | 'mentions' | 'threads' }
  | { readonly kind: 'thread'; readonly room: string; readonly root: string };

let shown: Panel | null = null;
let opener: HTMLElement | null = null;
const listeners = new Set<() => void>();

function set(next: Panel | null): void {
  shown = next;
  for (const listener of listeners) {
    listener();
  }
}

/** What has the focus, or, within a menu that is about to go, the button of the menu. */
function focused(): HTMLElement | null {
  const at = document.activeElement;
  const from = at?.closest('[role="menu"]')
    ? document.querySelector('[aria-haspopup="menu"][aria-expanded="true"]')
    : at;
  return from instanceof HTMLElement && from !== document.body ? from : null;
}

/** Opens a panel in the place of the one that is open. What has the focus gets it back when the panel closes. */
export function showPanel(next: Panel): void {
  opener = focused();
  set(next);
}

/** Opens a panel, or closes it if it is the one that is open. */
export function togglePanel(kind: Exclude<Panel, { kind: 'thread' }>['kind']): void {
  if (shown?.kind === kind) {
    closePanel();
  } else {
    showPanel({ kind });
  }
}

export function openThread(room: string, root: string): void {
  showPanel({ kind: 'thread', room, root });
}

/** A room has another name: its thread stays open. */
export function movePanel(was: string, room: string): void {
  if (shown?.kind === 'thread' && shown.room === was) {
    set({ ...shown, room });
  }
}

/** Closes the panel; the focus goes back to what opened it, or into the composer if that is gone. */
export function closePanel(): void {
  if (shown === null) {
    return;
  }
  const inside = document.activeElement?.closest('[data-panel]') !== null;
  const back = opener?.isConnected ? opener : document.querySelector<HTMLElement>('[data-composer]');
  opener = null;
  set(null);
  if (inside) {
    back?.focus();
  }
}

export const usePanel = (): Panel | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
