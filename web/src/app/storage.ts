/** What the browser keeps for the page. Storage may be switched off or full: then nothing is kept, and nothing breaks. */

function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

const prefix = 'parley.';

/** Removes what has a key that begins so. A site that the page is part of has keys of its own beside these. */
function forget(storage: () => Storage, start: string): void {
  attempt(() => {
    const kept = storage();
    for (const key of Object.keys(kept)) {
      if (key.startsWith(prefix + start)) {
        kept.removeItem(key);
      }
    }
  }, undefined);
}

/** Kept on this device until it is taken away. */
export const device = {
  get: (key: string) => attempt(() => localStorage.getItem(prefix + key), null),
  set: (key: string, value: string) => attempt(() => localStorage.setItem(prefix + key, value), undefined),
  remove: (key: string) => attempt(() => localStorage.removeItem(prefix + key), undefined),
  forget: (start: string) => forget(() => localStorage, start),
};

/** Kept while this tab lives. */
export const tab = {
  get: (key: string) => attempt(() => sessionStorage.getItem(prefix + key), null),
  set: (key: string, value: string) =>
    attempt(() => {
      if (value === '') {
        sessionStorage.removeItem(prefix + key);
      } else {
        sessionStorage.setItem(prefix + key, value);
      }
    }, undefined),
  clear: () => forget(() => sessionStorage, ''),
};
