import type { RestRoom } from '@parley-chat/client';
import { Archive, Hash } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../app/api';
import { useLoad } from '../entry/load';
import { textOf } from '../entry/problem';
import { settings as texts } from '../text/settings';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import { Confirm } from './Confirm';
import { Empty, Fetched, List, Row } from './List';
import styles from './Settings.module.css';

/** The rooms, and the archive that they can be put into. */
export function Rooms() {
  const api = useApi();
  const rooms = useLoad('rooms', () => api.rooms());
  const [archiving, setArchiving] = useState<RestRoom | null>(null);

  const replace = (room: RestRoom) => {
    rooms.set((all) => all.map((each) => (each.id === room.id ? { ...each, ...room } : each)));
  };

  return (
    <Fetched from={rooms}>
      {(all) => (
        <>
          <p className={styles.intro}>{texts.rooms.intro}</p>
          {all.length === 0 && <Empty>{texts.rooms.none}</Empty>}
          <List label={texts.rooms.list}>
            {all.map((room) => (
              <RoomRow key={room.id} room={room} onChanged={replace} onArchive={() => setArchiving(room)} />
            ))}
          </List>
          {archiving !== null && (
            <Confirm
              title={texts.rooms.ask(archiving.name)}
              action={texts.rooms.archive}
              onConfirm={async () => replace(await api.setArchived(archiving.name, true))}
              onClose={() => setArchiving(null)}
            >
              {texts.rooms.askText}
            </Confirm>
          )}
        </>
      )}
    </Fetched>
  );
}

interface RoomRowProps {
  room: RestRoom;
  onChanged: (room: RestRoom) => void;
  onArchive: () => void;
}

function RoomRow({ room, onChanged, onArchive }: RoomRowProps) {
  const api = useApi();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');

  const takeOut = async () => {
    setBusy(true);
    setError('');
    try {
      onChanged(await api.setArchived(room.name, false));
    } catch (refused) {
      setError(textOf(refused));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Row
      start={<Icon of={room.archived ? Archive : Hash} />}
      name={room.name}
      chip={room.archived ? texts.rooms.archived : undefined}
      detail={room.topic === '' ? undefined : room.topic}
      error={error}
      end={
        room.archived ? (
          <Button busy={busy} aria-label={texts.rooms.takeItOut(room.name)} onClick={() => void takeOut()}>
            {texts.rooms.takeOut}
          </Button>
        ) : (
          <Button aria-label={texts.rooms.archiveIt(room.name)} onClick={onArchive}>
            {texts.rooms.archive}
          </Button>
        )
      }
    />
  );
}
