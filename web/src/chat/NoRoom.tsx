import { lazy, Suspense } from 'react';
import { useParley } from '../app/client';
import { around } from '../text/around';
import { Delayed } from '../ui/Delayed';
import { Banner } from './Banner';
import { ConnectionLine, MenuButton } from './Header';
import header from './Header.module.css';
import styles from './NoRoom.module.css';

const NotHere = lazy(() => import('../rooms/NotHere').then((m) => ({ default: m.NotHere })));

/** In place of a room: it is not there, one was removed from it, or the rooms have not come yet (name null). */
export function NoRoom({ name, narrow, onMenu }: { name: string | null; narrow: boolean; onMenu: () => void }) {
  const removed = useParley((state) => (state.removed?.room === name ? state.removed : null));
  return (
    <>
      <header className={header.top}>
        {narrow && <MenuButton room={null} onMenu={onMenu} />}
        <div className={header.title}>
          <h1>{removed?.kind === 'direct' ? around.directs : (name ?? around.rooms)}</h1>
        </div>
        <ConnectionLine />
      </header>
      <Banner />
      <div className={styles.middle}>
        {name === null ? (
          <Delayed>
            <p className={styles.muted}>{around.loading}</p>
          </Delayed>
        ) : (
          <Suspense fallback={null}>
            <NotHere name={name} removed={removed} />
          </Suspense>
        )}
      </div>
    </>
  );
}
