import type { NoticeEntry, NoticeKind } from '@parley-chat/client';
import {
  Archive,
  ArchiveRestore,
  LogIn,
  LogOut,
  type LucideIcon,
  MessageSquareText,
  UserMinus,
  UserPlus,
} from 'lucide-react';
import { Icon } from '../ui';
import { nameList } from './composing';
import { clockTime, fullTime } from './days';
import styles from './Notice.module.css';
import { useDirectory } from './people';

const icons: Record<NoticeKind, LucideIcon> = {
  join: LogIn,
  leave: LogOut,
  topic: MessageSquareText,
  member_added: UserPlus,
  member_removed: UserMinus,
  archived: Archive,
  unarchived: ArchiveRestore,
};

/** What a notice says after the names. */
export function noticeText(entry: Pick<NoticeEntry, 'notice' | 'text' | 'users'>): string {
  switch (entry.notice) {
    case 'join':
      return 'joined';
    case 'leave':
      return 'left';
    case 'topic':
      return entry.text ? `set the topic: ${entry.text}` : 'took the topic away';
    case 'member_added':
      return entry.users.length === 1 ? 'was added to the room' : 'were added to the room';
    case 'member_removed':
      return entry.users.length === 1 ? 'was removed from the room' : 'were removed from the room';
    case 'archived':
      return 'archived the room';
    case 'unarchived':
      return 'opened the room again';
  }
}

/** A line that nobody said: who came, who went, what changed. */
export function Notice({ entry }: { entry: NoticeEntry; room: string }) {
  const { display } = useDirectory();
  const names = entry.users.map(display);
  return (
    <p className={styles.notice}>
      <span className={styles.gutter}>
        <Icon of={icons[entry.notice]} size={16} />
      </span>
      <span className={styles.text} title={names.length > 3 ? names.join(', ') : undefined}>
        <b>{nameList(names)}</b> {noticeText(entry)}
      </span>
      <time dateTime={new Date(entry.time).toISOString()} title={fullTime(entry.time)}>
        {clockTime(entry.time)}
      </time>
    </p>
  );
}
