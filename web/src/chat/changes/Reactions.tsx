import type { MessageEntry, Reaction } from '@parley-chat/client';
import { SmilePlus } from 'lucide-react';
import { useApi } from '../../app/api';
import { useParley } from '../../app/client';
import { textOf } from '../../entry/problem';
import { changes } from '../../text/changes';
import { classes, Icon } from '../../ui';
import { acting, tell } from './doing';
import styles from './Reactions.module.css';

/** What was put on a message: an emoji with a count each. A press puts mine there, or takes it away. */
export default function Reactions({ room, entry }: { room: string; entry: MessageEntry }) {
  const { id, reactions } = entry;
  if (id === null || reactions.length === 0) {
    return null;
  }
  return (
    <ul className={styles.list} aria-label={changes.reactions}>
      {reactions.map((reaction) => (
        <li key={reaction.emoji}>
          <Chip room={room} id={id} reaction={reaction} />
        </li>
      ))}
      <li>
        <button
          type="button"
          className={styles.chip}
          aria-label={changes.add}
          title={changes.add}
          aria-haspopup="dialog"
          onClick={(event) => acting.set({ kind: 'react', room, id, from: event.currentTarget })}
        >
          <Icon of={SmilePlus} size={16} />
        </button>
      </li>
    </ul>
  );
}

function Chip({ room, id, reaction }: { room: string; id: string; reaction: Reaction }) {
  const api = useApi();
  const me = useParley((state) => state.me?.id);
  const people = useParley((state) => state.people);
  const { emoji, count, users, me: mine } = reaction;
  const others = users.filter((u) => u.id !== me).map((u) => people[u.id]?.display || u.name);
  const who = changes.reacted(mine ? [changes.you, ...others] : others, count, emoji);
  const press = () => {
    const asked = mine ? api.unreact(room, id, emoji) : api.react(room, id, emoji);
    asked.catch((err: unknown) => tell(changes.refused(textOf(err))));
  };
  return (
    <button
      type="button"
      className={classes(styles.chip, mine && styles.mine)}
      aria-pressed={mine}
      aria-label={who}
      title={who}
      onClick={press}
    >
      <span aria-hidden="true">{emoji}</span>
      <b aria-hidden="true">{count}</b>
    </button>
  );
}
