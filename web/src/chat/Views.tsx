import { AtSign, Bookmark, Inbox, type LucideIcon, MessagesSquare } from 'lucide-react';
import { useParley } from '../app/client';
import { linkTo } from '../app/router';
import { around } from '../text/around';
import { useThreadsState } from '../threads/threads';
import { classes, Icon } from '../ui';
import { type Panel, togglePanel, usePanel } from './panel';
import styles from './Sidebar.module.css';
import { totalMentions, totalUnread } from './title';

/** What is for oneself, from all rooms: what is new, threads, mentions, and what was kept. */
export function Views({ catchUp, onGo }: { catchUp: boolean; onGo: () => void }) {
  const unread = useParley(totalUnread);
  const mentions = useParley(totalMentions);
  const threads = useThreadsState((state) => state.unreadThreads, 0);
  const { href, onClick } = linkTo('/catchup');
  return (
    <nav aria-label={around.forYou}>
      <ul className={styles.views}>
        <li>
          <a
            className={classes(styles.line, unread + threads > 0 && styles.unread)}
            href={href}
            onClick={(event) => {
              onClick(event);
              onGo();
            }}
            aria-current={catchUp ? 'page' : undefined}
          >
            <Icon of={Inbox} size={16} />
            <span className={styles.name}>{around.catchUp}</span>
          </a>
        </li>
        <li>
          <View kind="threads" icon={MessagesSquare} name={around.threads} count={threads} onGo={onGo} />
        </li>
        <li>
          <View kind="mentions" icon={AtSign} name={around.mentions} count={mentions} onGo={onGo} />
        </li>
        <li>
          <View kind="saved" icon={Bookmark} name={around.saved} count={0} onGo={onGo} />
        </li>
      </ul>
    </nav>
  );
}

interface ViewProps {
  kind: Extract<Panel['kind'], 'threads' | 'mentions' | 'saved'>;
  icon: LucideIcon;
  name: string;
  count: number;
  onGo: () => void;
}

function View({ kind, icon, name, count, onGo }: ViewProps) {
  const open = usePanel()?.kind === kind;
  return (
    <button
      type="button"
      className={classes(styles.line, count > 0 && styles.unread)}
      aria-label={around.view(name, count)}
      aria-expanded={open}
      onClick={() => {
        togglePanel(kind);
        onGo();
      }}
    >
      <Icon of={icon} size={16} />
      <span className={styles.name}>{name}</span>
      {count > 0 && <span className={classes(styles.badge, styles.forMe)}>{around.many(count)}</span>}
    </button>
  );
}
