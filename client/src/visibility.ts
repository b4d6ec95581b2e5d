/**
 * watchVisibility tells whether the page can be seen and has the focus, now and at each change, and returns what ends it.
 * Outside of a browser it tells nothing.
 */
export function watchVisibility(tell: (visible: boolean) => void): () => void {
  if (typeof document === 'undefined') return () => {};
  const look = () => tell(document.visibilityState === 'visible' && document.hasFocus());
  look();
  document.addEventListener('visibilitychange', look);
  globalThis.addEventListener('focus', look);
  globalThis.addEventListener('blur', look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    globalThis.removeEventListener('focus', look);
    globalThis.removeEventListener('blur', look);
  };
}
