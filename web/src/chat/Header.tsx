import { Hash, Menu, Users } from 'lucide-react';
import { useParley } from '../app/client';
import { Dot, Icon, IconButton } from '../ui';
import styles from './Header.module.css';
import { totalUnread } from './title';

interface HeaderProps {
  room: string;
  narrow: boolean;
  onMenu: () => void;
  people: boolean;
  onPeople: () => void;
}

export function Header({ room, narrow, onMenu, people, onPeople }: HeaderProps) {
  const topic = useParley((state) => state.rooms[room]?.topic ?? '');
  const online = useParley((state) => state.rooms[room]?.online ?? 0);
  return (
    <header className={styles.top}>
      {narrow && <MenuButton room={room} onMenu={onMenu} />}
      <div className={styles.title}>
        <h1>
          <Icon of={Hash} size={16} />
          {room}
        </h1>
        {topic && (
          <p className={styles.topic} title={topic}>
            {topic}
          </p>
        )}
      </div>
      <Connection />
      <div className={styles.acts}>
        <IconButton
          icon={Users}
          label="People"
          title={`${online} ${online === 1 ? 'person' : 'people'} here now`}
          aria-expanded={people}
          onClick={onPeople}
          data-opens="people"
        >
          {online}
        </IconButton>
      </div>
    </header>
  );
}

/** Opens the rooms on a narrow screen; a dot says that there is something to read elsewhere. */
export function MenuButton({ room, onMenu }: { room: string | null; onMenu: () => void }) {
  const elsewhere = useParley((state) => totalUnread(state) - (room === null ? 0 : (state.rooms[room]?.unread ?? 0)));
  return (
    <span className={styles.menu}>
      <IconButton
        icon={Menu}
        label={elsewhere > 0 ? `Rooms, ${elsewhere} unread` : 'Rooms'}
        data-opens="rooms"
        onClick={onMenu}
      />
      {elsewhere > 0 && <span className={styles.pip} />}
    </span>
  );
}

const words = {
  connecting: 'Connecting',
  connected: 'Connected',
  disconnected: 'Disconnected',
  signed_out: 'Signed out',
} as const;

/** The state of the connection, as a dot and a word. */
export function Connection() {
  const status = useParley((state) => state.status);
  return (
    <p className={styles.connection} role="status">
      <Dot on={status === 'connected'} />
      <span>{words[status]}</span>
    </p>
  );
}
