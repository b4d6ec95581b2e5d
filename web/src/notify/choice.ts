import { useSyncExternalStore } from 'react';
import { device } from '../app/storage';

/** Of which messages this browser tells. */
export type Level = 'all' | 'mentions' | 'off';

/** Whether the browser lets the page show notifications: granted, denied, or it has yet to be asked (default). */
export type Permission = 'granted' | 'denied' | 'default' | 'insecure' | 'unsupported';

const changed = new EventTarget();
const tell = () => changed.dispatchEvent(new Event('change'));

/** What was chosen on this device; nothing is told of before somebody chooses. */
export function chosenLevel(): Level {
  const kept = device.get('notify');
  return kept === 'all' || kept === 'mentions' ? kept : 'off';
}

export function permission(): Permission {
  if (!window.isSecureContext) return 'insecure';
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;
}

/** What is told of in fact: the browser may have been told otherwise since. */
export function level(): Level {
  return permission() === 'granted' ? chosenLevel() : 'off';
}

/**
 * Takes over a choice. The first one that needs the browser's permission asks for it, so this is to be called by a click.
 * Resolves with the permission; without it nothing has changed.
 */
export async function choose(next: Level): Promise<Permission> {
  if (next !== 'off' && permission() === 'default') {
    await Notification.requestPermission();
  }
  const now = permission();
  if (next === 'off' || now === 'granted') {
    device.set('notify', next);
  }
  tell();
  return now;
}

let watched = false;

/** The permission is changed in the browser's own windows; some browsers do not tell of it before the page is seen again. */
function watch(): void {
  if (watched) return;
  watched = true;
  window.addEventListener('storage', tell); // another tab's choice
  window.addEventListener('focus', tell);
  navigator.permissions
    ?.query({ name: 'notifications' })
    .then((status) => status.addEventListener('change', tell))
    .catch(() => {}); // a browser that does not tell
}

function subscribe(listener: () => void): () => void {
  watch();
  changed.addEventListener('change', listener);
  return () => changed.removeEventListener('change', listener);
}

export const useChosenLevel = (): Level => useSyncExternalStore(subscribe, chosenLevel);
export const usePermission = (): Permission => useSyncExternalStore(subscribe, permission);
export const useLevel = (): Level => useSyncExternalStore(subscribe, level);
