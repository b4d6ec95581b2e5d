import type { RestMessage } from '@parley-chat/client/rest';
import { PinOff, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../../app/api';
import { useClient, useParley } from '../../app/client';
import { linkTo, messagePath } from '../../app/router';
import { textOf } from '../../entry/problem';
import { changes } from '../../text/changes';
import { common } from '../../text/common';
import { timeline } from '../../text/timeline';
import { Button, IconButton } from '../../ui';
import { lately } from '../days';
import type { PanelProps } from '../Panels';
import panelStyles from '../PeoplePanel.module.css';
import { closePanel } from '../panel';
import { useMedia } from '../useMedia';
import { tell } from './doing';
import { mayPin } from './may';
import { heardBy, useNow } from './now';
import styles from './PinsPanel.module.css';

/** What is pinned in the room, the newest pin first. Esc within closes it. */
export function PinsPanel({ room, inert, onClose }: PanelProps) {
  const panel = useRef<HTMLElement>(null);
  const { pins, failed, read } = usePins(room);
  useEffect(() => {
    panel.current?.focus();
  }, []);
  return (
    <aside
      ref={panel}
      data-panel
      className={panelStyles.panel}
      aria-label={changes.pinsIn(room)}
      tabIndex={-1}
      inert={inert}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.shiftKey && !event.defaultPrevented) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <header className={panelStyles.top}>
        <h2>{timeline.pins}</h2>
        <span>{pins?.length}</span>
        <IconButton icon={X} label={common.close} onClick={onClose} />
      </header>
      <div className={panelStyles.scroll}>
        {failed !== null && (
          <div className={styles.note} role="alert">
            <p>{changes.pinsFailed(failed)}</p>
            <Button size="s" onClick={read}>
              {common.tryAgain}
            </Button>
          </div>
        )}
        {pins?.length === 0 && <p className={styles.note}>{changes.noPins}</p>}
        <ul className={styles.list}>
          {pins?.map((message) => (
            <Pinned key={message.id} room={room} message={message} />
          ))}
        </ul>
      </div>
    </aside>
  );
}

function Pinned({ room, message: told }: { room: string; message: RestMessage }) {
  const message = useNow(told);
  const { id, user, content, deleted, timestamp } = message;
  const api = useApi();
  const display = useParley((state) => state.people[message.user_id]?.display);
  const may = useParley((state) => mayPin(state, room));
  const covering = useMedia('(max-width: 1080px)');
  const link = linkTo(messagePath(room, id));
  return (
    <li className={styles.pin}>
      <a
        href={link.href}
        title={changes.goTo}
        onClick={(event) => {
          link.onClick(event);
          if (covering && event.defaultPrevented) {
            closePanel(); // it lies over the message
          }
        }}
      >
        <span className={styles.who}>
          <b>{display || user}</b>
          <time dateTime={timestamp}>{lately(Date.parse(timestamp))}</time>
        </span>
        <span className={styles.text} dir="auto">
          {deleted ? <i>{timeline.deleted}</i> : content}
        </span>
      </a>
      {may && (
        <IconButton
          size="s"
          icon={PinOff}
          label={changes.unpin}
          onClick={() => api.unpin(room, id).catch((err: unknown) => tell(changes.refused(textOf(err))))}
        />
      )}
    </li>
  );
}

/** Changes that make another list. */
const telling = /^(edit|delete|pin|unpin)$/;

/** What is pinned, read again when something about that is heard. */
function usePins(room: string) {
  const api = useApi();
  const client = useClient();
  const [pins, setPins] = useState<readonly RestMessage[] | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const asked = useRef(0);
  const read = useCallback(() => {
    const mine = ++asked.current;
    const ifLast = (then: () => void) => mine === asked.current && then();
    setFailed(null);
    api.pins(room).then(
      (all) => ifLast(() => setPins(all)),
      (err: unknown) => ifLast(() => setFailed(textOf(err))),
    );
  }, [api, room]);
  useEffect(() => {
    setPins(null);
    heardBy(client);
    read();
    const stop = client.link.onFrame((frame) => {
      const here = 'room' in frame && frame.room === room;
      if (
        here &&
        (frame.type === 'change' ? telling.test(frame.kind) : frame.type === 'subscribed' || frame.type === 'reset')
      ) {
        read();
      }
    });
    return () => {
      stop();
      asked.current++;
    };
  }, [client, room, read]);
  return { pins, failed, read };
}
