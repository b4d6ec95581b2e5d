import { type MouseEvent, useSyncExternalStore } from 'react';

/**
 * The page's own router. A path begins with / and is meant below the folder that the server writes into
 * `<base href>`, so that Parley can live at https://host/chat/.
 */

const changed = new EventTarget();
const base = () => new URL(document.baseURI).pathname.replace(/[^/]*$/, '');

/** The address of a path, for a link. */
export function href(path: string): string {
  return base() + path.replace(/^\/+/, '');
}

/** The path of an address below the base; / for one that is not. */
export function pathOf(pathname: string): string {
  const root = base();
  return pathname.startsWith(root) ? `/${pathname.slice(root.length)}` : '/';
}

/** Goes to a path. replace: the present one is not kept in the history. */
export function navigate(path: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', href(path));
  changed.dispatchEvent(new Event('change'));
}

function subscribe(listener: () => void): () => void {
  changed.addEventListener('change', listener);
  window.addEventListener('popstate', listener);
  return () => {
    changed.removeEventListener('change', listener);
    window.removeEventListener('popstate', listener);
  };
}

/** The path on screen, without query and fragment. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => pathOf(location.pathname));
}

/** Attributes of a link that stays in the page; a press with a key held opens a tab, as everywhere. */
export function linkTo(path: string) {
  return {
    href: href(path),
    onClick: (event: MouseEvent) => {
      if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        navigate(path);
      }
    },
  };
}

export type Route =
  /** message: the id of the one that a link leads to. */
  | { kind: 'chat'; room: string | null; message?: string; catchUp?: true }
  | { kind: 'entry'; path: string }
  | { kind: 'settings'; tab: string };

/** What a path shows. An unknown one is the chat: the server answers 404 to it anyhow. */
export function routeOf(path: string): Route {
  const [first = '', second = '', third = ''] = path.split('/').filter(Boolean);
  switch (first) {
    case 'signin':
    case 'setup':
    case 'join':
    case 'guest':
      return { kind: 'entry', path };
    case 'settings':
      return { kind: 'settings', tab: second || 'profile' };
    case 'catchup':
      return { kind: 'chat', room: null, catchUp: true };
    case 'rooms':
      return { kind: 'chat', room: second ? decode(second) : null, ...(third && { message: decode(third) }) };
    default:
      return { kind: 'chat', room: null };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The path of a room. */
export function roomPath(name: string): string {
  return `/rooms/${encodeURIComponent(name)}`;
}

/** The path of a message. */
export function messagePath(room: string, id: string): string {
  return `${roomPath(room)}/${encodeURIComponent(id)}`;
}
