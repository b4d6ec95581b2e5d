import type { MessageEntry } from '@parley-chat/client';
import { useParley } from '../app/client';
import { threads } from '../text/threads';
import { useThreadsState } from '../threads/threads';
import { Avatar } from '../ui';
import { lately } from './days';
import { openThread } from './panel';
import styles from './Replies.module.css';

/** Under a message that has a thread: who answered last, how often, and whether that is new. It opens the thread. */
export default function Replies({ entry, room }: { entry: MessageEntry; room: string }) {
  const people = useParley((state) => state.people);
  const unread = useThreadsState((state) => (entry.id === null ? 0 : (state.unread[entry.id]?.unread ?? 0)), 0);
  const { id, replies } = entry;
  if (replies === null || replies.count === 0 || id === null) {
    return null;
  }
  const names = replies.users.map((user) => people[user.id]?.display || user.name);
  return (
    <button
      type="button"
      className={styles.replies}
      aria-label={threads.openThread(replies.count, names, unread)}
      onClick={() => openThread(room, id)}
    >
      {replies.users.map((user, at) => (
        <Avatar key={user.id} id={user.id} name={names[at] ?? user.name} size={20} />
      ))}
      <b>{threads.replies(replies.count)}</b>
      {unread > 0 && <span className={styles.fresh}>{threads.unreadReplies(unread)}</span>}
      <span className={styles.last}>{threads.lastReply(lately(Date.parse(replies.last)))}</span>
    </button>
  );
}
