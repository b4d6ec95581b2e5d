import type { MessageEntry } from '@parley-chat/client';
import { CircleAlert, Clock, Pin, RotateCw } from 'lucide-react';
import { memo, useId, useState } from 'react';
import { useParley } from '../app/client';
import { usePeople, useStatus } from '../people/live';
import { common } from '../text/common';
import { presence } from '../text/presence';
import { timeline } from '../text/timeline';
import { Avatar, classes, Icon } from '../ui';
import { Body } from './body';
import { namesMe } from './body/naming';
import { Above, Actions, Answers, Below, Edited, useEdited } from './changes/Extras';
import { clockTime, fullTime, shortClockTime } from './days';
import styles from './Message.module.css';
import { useSends } from './sending';

interface MessageProps {
  entry: MessageEntry;
  room: string;
  /** It goes on from the message before: its name and picture stand there. */
  grouped: boolean;
  /** The Tab key stops at it. */
  stop: boolean;
  /** What can be done with it shows. */
  active: boolean;
  /** The page's address names it. */
  target: boolean;
}

export const Message = memo(function Message({ entry, room, grouped, stop, active, target }: MessageProps) {
  const id = useId();
  const person = useParley((state) => state.people[entry.userId]);
  const name = person?.display || entry.user;
  const edited = useEdited(room, entry);
  const named = useParley((state) => namesMe(entry, state.me?.id));
  const blocked = usePeople((state) => state.blocked.has(entry.userId));
  const [unfolded, setUnfolded] = useState(false);
  const folded = blocked && !unfolded && !entry.deleted;
  const time = (
    <time
      id={`${id}t`}
      className={grouped ? styles.gutter : undefined}
      dateTime={new Date(entry.time).toISOString()}
      title={fullTime(entry.time)}
    >
      {grouped ? shortClockTime(entry.time) : clockTime(entry.time)}
    </time>
  );
  return (
    <article
      className={classes(
        styles.message,
        grouped && styles.grouped,
        named && !blocked && styles.named,
        target && styles.target,
      )}
      data-row={entry.key}
      tabIndex={stop ? 0 : -1}
      aria-current={target || undefined}
      aria-labelledby={`${id}n ${id}t ${id}m`}
    >
      {grouped ? (
        <>
          <span id={`${id}n`} className={styles.hidden}>
            {name}
          </span>
          {time}
        </>
      ) : (
        <span className={styles.face}>
          <Avatar id={entry.userId || entry.user} name={name} bot={person?.kind === 'bot'} />
        </span>
      )}
      <div className={styles.body}>
        {!grouped && (
          <header className={styles.who}>
            <b id={`${id}n`} title={name === entry.user ? undefined : entry.user}>
              {name}
            </b>
            <StatusMark id={entry.userId} />
            {time}
          </header>
        )}
        {!folded && <Above room={room} entry={entry} />}
        {folded ? (
          <p id={`${id}m`} className={styles.deleted}>
            {presence.folded}{' '}
            <button type="button" className={styles.discard} onClick={() => setUnfolded(true)}>
              {presence.unfold}
            </button>
          </p>
        ) : edited ? (
          <Edited room={room} entry={entry} />
        ) : entry.deleted ? (
          <p id={`${id}m`} className={styles.deleted}>
            {timeline.deleted}
          </p>
        ) : (
          <Body id={`${id}m`} entry={entry} />
        )}
        {!edited && !folded && <Marks entry={entry} />}
        {!folded && <Below room={room} entry={entry} />}
        {entry.state !== 'sent' && <Delivery entry={entry} room={room} />}
        <Answers room={room} entry={entry} />
      </div>
      {active && !edited && <Actions entry={entry} room={room} />}
    </article>
  );
});

/** The emoji of what its author says they are doing now. */
function StatusMark({ id }: { id: string }) {
  const status = useStatus(id);
  if (!status?.emoji) {
    return null;
  }
  return (
    <span role="img" aria-label={status.text || presence.status} title={status.text || undefined}>
      {status.emoji}
    </span>
  );
}

/** That it was edited, and that it is pinned. */
function Marks({ entry: { edited, pinned, deleted } }: { entry: MessageEntry }) {
  if (deleted || (edited === null && !pinned)) {
    return null;
  }
  return (
    <p className={styles.marks}>
      {edited !== null && <span title={timeline.editedAt(fullTime(edited))}>{timeline.edited}</span>}
      {pinned && (
        <span>
          <Icon of={Pin} size={14} />
          {timeline.pinned}
        </span>
      )}
    </p>
  );
}

/** Of one's own message that the server has not confirmed: that it is under way, or what to do since it failed. */
function Delivery({ entry, room }: { entry: MessageEntry; room: string }) {
  const sends = useSends(room);
  const connected = useParley((state) => state.status === 'connected');
  if (entry.state === 'pending') {
    return (
      <p className={styles.state}>
        <Icon of={Clock} size={14} />
        {connected ? timeline.sending : timeline.waiting}
      </p>
    );
  }
  return (
    <div className={classes(styles.state, styles.failed)}>
      <span>
        <Icon of={CircleAlert} size={14} />
        {timeline.unsent(entry.error)}
      </span>
      <button type="button" className={styles.retry} onClick={() => sends.retry(entry.clientId)}>
        <Icon of={RotateCw} size={14} />
        {common.retry}
      </button>
      <button type="button" className={styles.discard} onClick={() => sends.discard(entry.clientId)}>
        {common.delete}
      </button>
    </div>
  );
}
