import type { BrowsedRoom } from '@parley-chat/client/rest';
import { Hash, Search } from 'lucide-react';
import { useRef, useState } from 'react';
import { useApi } from '../app/api';
import { useClient, useParley } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { textOf } from '../app/session';
import { FormError } from '../entry/FormParts';
import { useLoad } from '../entry/load';
import { Empty, Fetched, List, Row } from '../settings/List';
import { around } from '../text/around';
import { rooms } from '../text/rooms';
import { Button, Dialog, Icon } from '../ui';
import styles from './Picker.module.css';

const texts = rooms.all;

/** All public rooms, also those that one has left, to go to or to come back to. */
export function BrowseDialog({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const api = useApi();
  const me = useParley((state) => state.me?.id ?? '');
  const all = useLoad('browse', () => api.browse());
  const [query, setQuery] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState<string | null>(null);
  const gone = useRef(false);

  const go = async (room: BrowsedRoom) => {
    setBusy(room.id);
    setError('');
    try {
      if (room.left) {
        await api.addMember(room.name, me);
        await client.refreshRooms();
      }
      gone.current = true;
      onClose();
      navigate(roomPath(room.name));
    } catch (cause) {
      setError(texts.notJoined(textOf(cause)));
      setBusy(null);
    }
  };
  const fits = (room: BrowsedRoom) =>
    !room.archived && `${room.name} ${room.topic}`.toLowerCase().includes(query.trim().replace(/^#/, '').toLowerCase());
  return (
    <Dialog
      open
      size="m"
      onClose={onClose}
      title={texts.title}
      finalFocus={() => (gone.current ? document.querySelector<HTMLElement>('[data-composer]') : null)}
    >
      <label className={styles.find}>
        <Icon of={Search} size={16} />
        <input
          type="search"
          aria-label={texts.find}
          placeholder={texts.find}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </label>
      <FormError text={error} />
      <Fetched from={all}>
        {(found) => {
          const shown = found.filter(fits);
          return shown.length === 0 ? (
            <Empty>{query.trim() === '' ? texts.nothing : texts.none(query.trim())}</Empty>
          ) : (
            <List label={texts.list}>
              {shown.map((room) => (
                <Row
                  key={room.id}
                  start={<Icon of={Hash} />}
                  name={room.name}
                  chip={room.left ? texts.left : undefined}
                  detail={[room.topic, around.inRoom(room.online)].filter(Boolean).join(' · ')}
                  end={
                    <Button
                      size="s"
                      busy={busy === room.id}
                      aria-label={room.left ? texts.joinIt(room.name) : texts.openIt(room.name)}
                      onClick={() => void go(room)}
                    >
                      {room.left ? texts.join : texts.open}
                    </Button>
                  }
                />
              ))}
            </List>
          );
        }}
      </Fetched>
    </Dialog>
  );
}
