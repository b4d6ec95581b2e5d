import { DoorOpen } from 'lucide-react';
import { navigate } from '../app/router';
import { around } from '../text/around';
import { Button, Icon } from '../ui';
import { Delayed } from '../ui/Delayed';
import { Banner } from './Banner';
import { ConnectionLine, MenuButton } from './Header';
import header from './Header.module.css';
import styles from './NoRoom.module.css';

/** In place of a room: it is not there, or the rooms have not come yet (name null). */
export function NoRoom({ name, narrow, onMenu }: { name: string | null; narrow: boolean; onMenu: () => void }) {
  return (
    <>
      <header className={header.top}>
        {narrow && <MenuButton room={null} onMenu={onMenu} />}
        <div className={header.title}>
          <h1>{name ?? around.rooms}</h1>
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
            <h2>{around.noRoom(name)}</h2>
            <p className={styles.muted}>{around.noRoomHint}</p>
            <Button variant="main" onClick={() => navigate('/rooms/general')}>
              {around.goGeneral}
            </Button>
          </>
        )}
      </div>
    </>
  );
}
