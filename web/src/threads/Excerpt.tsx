import type { RestMessage } from '@parley-chat/client/rest';
import type { ReactNode } from 'react';
import { useParley } from '../app/client';
import { href, messagePath, navigate, roomPath } from '../app/router';
import { useNow } from '../chat/changes/now';
import { lately } from '../chat/days';
import { closePanel, openThread } from '../chat/panel';
import { tagOf } from '../chat/rooms';
import { useMedia } from '../chat/useMedia';
import { threads as words } from '../text/threads';
import { Avatar, classes } from '../ui';
import styles from './List.module.css';

/** So much of a message stands in a list, in characters; the styles cut it to a few lines. */
const most = 400;

interface ExcerptProps {
  message: RestMessage;
  /** The line above it is bold: something is new. */
  fresh?: boolean;
  /** Beside the time. */
  more?: ReactNode;
  /** Buttons at its end. */
  acts?: ReactNode;
  /** Goes there; left out: to the message, in its thread if it is a reply. */
  onGo?: () => void;
}

/** A message in a list, with its room. Choosing it goes there. */
export function Excerpt({ message: told, fresh, more, acts, onGo }: ExcerptProps) {
  const message = useNow(told);
  const { room, user, user_id: userId, content, deleted, thread } = message;
  const person = useParley((state) => state.people[userId]);
  const tag = useParley((state) => tagOf(state, room));
  const covering = useMedia('(max-width: 1080px)');
  const name = person?.display || user;
  const time = Date.parse(message.timestamp);
  const go = () => {
    if (onGo) {
      onGo();
      return;
    }
    navigate(thread ? roomPath(room) : messagePath(room, message.id));
    if (thread) {
      openThread(room, thread);
    } else if (covering) {
      closePanel();
    }
  };
  return (
    <div className={classes(styles.item, fresh && styles.fresh)}>
      <Avatar id={userId || user} name={name} size={28} bot={person?.kind === 'bot'} />
      <a
        className={styles.excerpt}
        href={href(messagePath(room, thread ?? message.id))}
        onClick={(event) => {
          if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
            event.preventDefault();
            go();
          }
        }}
      >
        <span className={styles.who}>
          <b>{name}</b>
          <span>
            {tag}
            {thread && ` · ${words.inThread}`}
          </span>
          <time dateTime={message.timestamp}>{lately(time)}</time>
        </span>
        <span className={styles.text} dir="auto">
          {deleted ? <em>{words.deleted}</em> : content.slice(0, most)}
        </span>
        {more}
      </a>
      {acts}
    </div>
  );
}
