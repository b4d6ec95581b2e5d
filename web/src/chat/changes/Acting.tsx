import { lazy, Suspense, useEffect } from 'react';
import styles from './Acting.module.css';
import { acting, told } from './doing';

/** How long something is said of an act, in ms. */
const saidFor = 4000;

const load = () => import('./Acts');
const Acts = lazy(load);

/** Fetches the code of what is done with messages, so that it is there at once, also without a connection. */
export const preloadActs = () => void load().catch(() => {}); // it is tried again when it is needed

/** What somebody is doing with a message: its menu, the picker of emoji, a question. It stands beside the list, whose rows come and go. */
export function Acting() {
  const act = acting.use((now) => now);
  const note = told.use((now) => now);
  useEffect(() => {
    if (note !== null) {
      const timer = setTimeout(() => told.set(null), saidFor);
      return () => clearTimeout(timer);
    }
  }, [note]);
  return (
    <>
      <Suspense fallback={null}>{act && <Acts key={act.kind} act={act} />}</Suspense>
      <p className={styles.note} role="status">
        {note?.text}
      </p>
    </>
  );
}
