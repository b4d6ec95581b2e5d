import { device } from '../app/storage';

/** Somebody who has touched nothing for so long, on any tab, is away. */
export const idleAfter = 10 * 60_000;
/** Tabs tell each other of touches no more often than this. */
const tellEvery = 15_000;

const key = 'touched';
const touches = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** Calls back when nobody has touched the page, or another tab of it, for ten minutes, and when somebody does again. */
export function watchIdle(changed: (idle: boolean) => void): () => void {
  let last = Math.max(Date.now(), elsewhere());
  let told = 0;
  let idle = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const look = () => {
    clearTimeout(timer);
    const now = Date.now();
    last = Math.max(last, Math.min(elsewhere(), now));
    const left = last + idleAfter - now;
    const next = left <= 0;
    if (!next) {
      timer = setTimeout(look, left);
    }
    if (next !== idle) {
      idle = next;
      changed(idle);
    }
  };
  const touched = () => {
    const now = Date.now();
    last = now;
    if (now - told >= tellEvery || now < told) {
      told = now;
      device.set(key, String(now));
    }
    if (idle) {
      look();
    }
  };
  const heard = (event: StorageEvent) => {
    if (idle && event.key?.endsWith(key)) {
      look();
    }
  };

  for (const name of touches) {
    window.addEventListener(name, touched, { passive: true, capture: true });
  }
  window.addEventListener('storage', heard);
  document.addEventListener('visibilitychange', look); // a machine that slept
  touched();
  look();
  return () => {
    clearTimeout(timer);
    for (const name of touches) {
      window.removeEventListener(name, touched, { capture: true });
    }
    window.removeEventListener('storage', heard);
    document.removeEventListener('visibilitychange', look);
  };
}

const elsewhere = () => Number(device.get(key)) || 0;
