import { useSyncExternalStore } from 'react';
import { device } from './storage';

export type Theme = 'system' | 'light' | 'dark';

const changed = new EventTarget();

/** The theme that was chosen on this device. */
export function currentTheme(): Theme {
  const kept = device.get('theme');
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

/** Draws the page in the theme that was chosen. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = currentTheme();
}

export function setTheme(theme: Theme): void {
  device.set('theme', theme);
  applyTheme();
  changed.dispatchEvent(new Event('change'));
}

function subscribe(listener: () => void): () => void {
  // Another tab chose one.
  const heard = () => {
    applyTheme();
    listener();
  };
  changed.addEventListener('change', listener);
  window.addEventListener('storage', heard);
  return () => {
    changed.removeEventListener('change', listener);
    window.removeEventListener('storage', heard);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}

/** Colours the page as the workspace wants it; through the CSSOM, since the page's policy forbids style attributes. */
export function applyHue(hue: number): void {
  document.documentElement.style.setProperty('--accent-h', String(hue));
}
