import type { Removed } from '@parley-chat/client';
import { DoorOpen } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '../app/api';
import { useClient, useParley } from '../app/client';
import { navigate } from '../app/router';
import { textOf } from '../app/session';
import styles from '../chat/NoRoom.module.css';
import { FormError } from '../entry/FormParts';
import { gone as texts } from '../text/gone';
import { Button, Icon } from '../ui';

/** In place of a room that is not there, or that one is in no longer. */
export function NotHere({ name, removed }: { name: string; removed: Removed | null }) {
  return (
    <>
      <span className={styles.tile}>
        <Icon of={DoorOpen} size={24} />
      </span>
      {removed ? (
        <Gone removed={removed} />
      ) : (
        <>
          <h2>{texts.noRoom(name)}</h2>
          <p className={styles.muted}>{texts.noRoomHint}</p>
          <Button variant="main" onClick={() => navigate('/rooms/general')}>
            {texts.goGeneral}
          </Button>
        </>
      )}
    </>
  );
}

/** Says that one is in a room no longer, and why, and leads on. It has just gone: what had the focus is gone with it. */
function Gone({ removed }: { removed: Removed }) {
  const api = useApi();
  const client = useClient();
  const me = useParley((state) => state.me?.id ?? '');
  const by = useParley(
    (state) => Object.values(state.people).find(({ name }) => name === removed.by)?.display || removed.by,
  );
  const [error, setError] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const { room, kind, banned, left, reason } = removed;
  const title = kind === 'direct' ? texts.hidden : left ? texts.left(room) : texts.removed(room);
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus();
  }, []);

  const join = async () => {
    setError('');
    try {
      await api.addMember(room, me);
      await client.refreshRooms();
    } catch (cause) {
      setError(texts.notJoined(textOf(cause)));
    }
  };
  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {kind === 'direct' && <p className={styles.muted}>{texts.hiddenText}</p>}
      {kind !== 'direct' && !left && (
        <p className={styles.muted} role="status">
          {by === '' ? texts.byNobody : banned ? texts.banned(by) : texts.by(by)}{' '}
          {reason !== '' && texts.reason(reason)}
        </p>
      )}
      <FormError text={error} />
      {left && kind === 'public' && <Button onClick={() => void join()}>{texts.again}</Button>}
      <Button variant="main" onClick={() => navigate('/')}>
        {texts.goOn}
      </Button>
    </>
  );
}
