/** What the browser keeps for the page. Storage may be switched off or full: then nothing is kept, and nothing breaks. */

function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

const prefix = 'parley.';

/** Kept on this device until it is taken away. */
export const device = {
  get: (key: string) => attempt(() => localStorage.getItem(prefix + key), null),
  set: (key: string, value: string) => attempt(() => localStorage.setItem(prefix + key, value), undefined),
  remove: (key: string) => attempt(() => localStorage.removeItem(prefix + key), undefined),
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
  clear: () => attempt(() => sessionStorage.clear(), undefined),
};
