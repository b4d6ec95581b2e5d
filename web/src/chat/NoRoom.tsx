import { DoorOpen } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useParley } from '../app/client';
import { navigate } from '../app/router';
import { around } from '../text/around';
import { Button, Icon } from '../ui';
import { Delayed } from '../ui/Delayed';
import { Banner } from './Banner';
import { ConnectionLine, MenuButton } from './Header';
import header from './Header.module.css';
import styles from './NoRoom.module.css';

const Gone = lazy(() => import('../rooms/Gone').then((m) => ({ default: m.Gone })));

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
          <>
            <span className={styles.tile}>
              <Icon of={DoorOpen} size={24} />
            </span>
            {removed ? (
              <Suspense fallback={null}>
                <Gone removed={removed} />
              </Suspense>
            ) : (
              <>
                <h2>{around.noRoom(name)}</h2>
                <p className={styles.muted}>{around.noRoomHint}</p>
                <Button variant="main" onClick={() => navigate('/rooms/general')}>
                  {around.goGeneral}
                </Button>
              </>
            )}
          </>
        )}
      </div>
    </>
  );
}
