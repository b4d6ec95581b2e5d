import { DoorOpen } from 'lucide-react';
import { navigate } from '../app/router';
import { Button, Icon } from '../ui';
import { Delayed } from '../ui/Delayed';
import { Banner } from './Banner';
import { Connection, MenuButton } from './Header';
import header from './Header.module.css';
import styles from './NoRoom.module.css';

/** In place of a room: it is not there, or the rooms have not come yet (name null). */
export function NoRoom({ name, narrow, onMenu }: { name: string | null; narrow: boolean; onMenu: () => void }) {
  return (
    <>
      <header className={header.top}>
        {narrow && <MenuButton room={null} onMenu={onMenu} />}
        <div className={header.title}>
          <h1>{name ?? 'Rooms'}</h1>
        </div>
        <Connection />
      </header>
      <Banner />
      <div className={styles.middle}>
        {name === null ? (
          <Delayed>
            <p className={styles.muted}>Loading your rooms…</p>
          </Delayed>
        ) : (
          <>
            <span className={styles.tile}>
              <Icon of={DoorOpen} size={24} />
            </span>
            <h2>There is no room called {name}</h2>
            <p className={styles.muted}>
              It may be archived, have another name now, or be open to its members alone. Choose a room beside, or go
              back to general.
            </p>
            <Button variant="main" onClick={() => navigate('/rooms/general')}>
              Go to general
            </Button>
          </>
        )}
      </div>
    </>
  );
}
