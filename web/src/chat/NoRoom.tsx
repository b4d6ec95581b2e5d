import { DoorOpen } from 'lucide-react';
import { useState } from 'react';
import { useClient, useParley } from '../app/client';
import { navigate } from '../app/router';
import { textOf } from '../app/session';
import { around } from '../text/around';
import { gone as texts } from '../text/gone';
import { Button, Icon } from '../ui';
import { Delayed } from '../ui/Delayed';
import { Banner } from './Banner';
import { ConnectionLine, MenuButton } from './Header';
import header from './Header.module.css';
import styles from './NoRoom.module.css';

/** In place of a room: it is not there, one was removed from it, or the rooms have not come yet (name null). */
export function NoRoom({ name, narrow, onMenu }: { name: string | null; narrow: boolean; onMenu: () => void }) {
  const removed = useParley((state) => (state.removed?.room === name ? state.removed : null));
  const direct = removed?.kind === 'direct';
  return (
    <>
      <header className={header.top}>
        {narrow && <MenuButton room={null} onMenu={onMenu} />}
        <div className={header.title}>
          <h1>{direct ? texts.hidden : (name ?? around.rooms)}</h1>
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
            <Why name={name} />
            {removed?.left && removed.kind === 'public' && <Again name={name} />}
            <Button variant="main" onClick={() => navigate(removed ? '/' : '/rooms/general')}>
              {removed ? around.goOn : around.goGeneral}
            </Button>
          </>
        )}
      </div>
    </>
  );
}

/** Why the room is not there, as far as is known, read out when it has just gone. */
function Why({ name }: { name: string }) {
  const removed = useParley((state) => (state.removed?.room === name ? state.removed : null));
  const by = useParley(
    (state) => Object.values(state.people).find((person) => person.name === removed?.by)?.display || removed?.by || '',
  );
  if (removed === null) {
    return (
      <>
        <h2>{around.noRoom(name)}</h2>
        <p className={styles.muted}>{around.noRoomHint}</p>
      </>
    );
  }
  const { kind, banned, left, reason } = removed;
  const title = kind === 'direct' ? texts.hidden : left ? texts.left(name) : texts.removed(name);
  const who = by === '' ? texts.byNobody : banned ? texts.banned(by) : texts.by(by);
  return (
    <div role="status" className={styles.why}>
      <h2>{title}</h2>
      {kind === 'direct' && <p className={styles.muted}>{texts.hiddenText}</p>}
      {kind !== 'direct' && !left && (
        <p className={styles.muted}>
          {who} {reason !== '' && texts.reason(reason)}
        </p>
      )}
    </div>
  );
}

/** Goes back into a public room that one has left. */
function Again({ name }: { name: string }) {
  const client = useClient();
  const me = useParley((state) => state.me?.id ?? '');
  const [error, setError] = useState('');
  const join = async () => {
    setError('');
    try {
      const { rest } = await import('@parley-chat/client/rest');
      await rest(client).addMember(name, me);
      await client.refreshRooms();
    } catch (cause) {
      setError(texts.notJoined(textOf(cause)));
    }
  };
  return (
    <>
      <Button onClick={() => void join()}>{texts.again}</Button>
      {error && <p role="alert">{error}</p>}
    </>
  );
}
