import { Ellipsis, Menu, Pin, Users } from 'lucide-react';
import type { RefObject } from 'react';
import { useParley } from '../app/client';
import { around } from '../text/around';
import { timeline } from '../text/timeline';
import { Dot, IconButton } from '../ui';
import { useConnection } from './connection';
import styles from './Header.module.css';
import { togglePanel, usePanel } from './panel';
import { RoomIcon } from './RoomIcon';
import { useTitle } from './rooms';
import { totalUnread } from './title';
import { useRoomMenu } from './useRoomMenu';

interface HeaderProps {
  room: string;
  narrow: boolean;
  onMenu: () => void;
}

export function Header({ room, narrow, onMenu }: HeaderProps) {
  const panel = usePanel()?.kind;
  const topic = useParley((state) => state.rooms[room]?.topic ?? '');
  const title = useTitle(room);
  const online = useParley((state) => state.rooms[room]?.online ?? 0);
  return (
    <header className={styles.top}>
      {narrow && <MenuButton room={room} onMenu={onMenu} />}
      <div className={styles.title}>
        <h1>
          <RoomIcon name={room} />
          {title}
        </h1>
        {topic && (
          <p className={styles.topic} title={topic}>
            {topic}
          </p>
        )}
      </div>
      <ConnectionLine />
      <div className={styles.acts}>
        <RoomActs room={room} />
        <IconButton
          icon={Pin}
          label={timeline.pins}
          aria-expanded={panel === 'pins'}
          onClick={() => togglePanel('pins')}
        />
        <IconButton
          icon={Users}
          label={around.people}
          title={around.peopleHere(online)}
          aria-expanded={panel === 'people'}
          onClick={() => togglePanel('people')}
          data-opens="people"
        >
          {online}
        </IconButton>
      </div>
    </header>
  );
}

/** What one can do with the room for oneself. */
function RoomActs({ room }: { room: string }) {
  const menu = useRoomMenu(room);
  const title = useTitle(room);
  return (
    <>
      <IconButton
        ref={menu.anchor as RefObject<HTMLButtonElement | null>}
        icon={Ellipsis}
        label={around.roomMenu(title)}
        aria-haspopup="menu"
        aria-expanded={menu.open}
        onClick={menu.toggle}
      />
      {menu.popup}
    </>
  );
}

/** Opens the rooms on a narrow screen; a dot says that there is something to read elsewhere. */
export function MenuButton({ room, onMenu }: { room: string | null; onMenu: () => void }) {
  const elsewhere = useParley((state) => totalUnread(state) - (room === null ? 0 : (state.rooms[room]?.unread ?? 0)));
  return (
    <span className={styles.menu}>
      <IconButton
        icon={Menu}
        label={elsewhere > 0 ? around.roomsUnread(elsewhere) : around.rooms}
        data-opens="rooms"
        onClick={onMenu}
      />
      {elsewhere > 0 && <span className={styles.pip} />}
    </span>
  );
}

/** The state of the connection, as a dot and a word. The countdown stands in the banner, where nobody hears each second. */
export function ConnectionLine() {
  const connection = useConnection();
  return (
    <p className={styles.connection} role="status">
      <Dot on={connection === 'connected'} half={connection === 'connecting' || connection === 'reconnecting'} />
      <span>{around.connection[connection]}</span>
    </p>
  );
}
