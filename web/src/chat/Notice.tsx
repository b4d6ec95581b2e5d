import type { NoticeEntry, NoticeKind, State } from '@parley-chat/client';
import {
  Archive,
  ArchiveRestore,
  LogIn,
  LogOut,
  type LucideIcon,
  MessageSquareText,
  Pencil,
  UserMinus,
  UserPlus,
} from 'lucide-react';
import { useState } from 'react';
import { useParley } from '../app/client';
import { timeline } from '../text/timeline';
import { Icon } from '../ui';
import { clockTime, fullTime } from './days';
import styles from './Notice.module.css';
import { type Directory, directory } from './people';

const icons: Record<NoticeKind, LucideIcon> = {
  join: LogIn,
  leave: LogOut,
  topic: MessageSquareText,
  member_added: UserPlus,
  member_removed: UserMinus,
  member_banned: UserMinus,
  member_left: UserMinus,
  role: UserPlus,
  renamed: Pencil,
  read_only: Pencil,
  writable: Pencil,
  slow_mode: Pencil,
  settings: Pencil,
  archived: Archive,
  unarchived: ArchiveRestore,
};

/** So many people are named; of more only their number is told, until one asks. */
const named = 2;

/** What a notice says after the names. */
export function noticeText(
  { notice, text, users }: Pick<NoticeEntry, 'notice' | 'text' | 'users'>,
  by: string | null = null,
): string {
  return timeline.notice(notice, users.length, text, by);
}

const directories = new WeakMap<State['people'], Directory>();

/** The names of some people as they want to be called: one directory serves all notices. */
function namesOf(users: readonly string[], people: State['people']): string {
  let known = directories.get(people);
  if (!known) {
    known = directory(people);
    directories.set(people, known);
  }
  return timeline.names(users.map(known.display));
}

/** A line that nobody said: who came, who went, what changed. */
export function Notice({ entry }: { entry: NoticeEntry }) {
  const names = useParley((state) => namesOf(entry.users, state.people));
  const by = useParley((state) => entry.by && namesOf([entry.by], state.people));
  const [all, setAll] = useState(false);
  const count = entry.users.length;
  return (
    <p className={styles.notice}>
      <span className={styles.gutter}>
        <Icon of={icons[entry.notice]} size={16} />
      </span>
      <span className={styles.text}>
        {count > named ? (
          <>
            <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
              {timeline.people(count)} {noticeText(entry, by)}
            </button>
            {all && <span className={styles.names}>{names}</span>}
          </>
        ) : (
          <>
            <b>{names}</b> {noticeText(entry, by)}
          </>
        )}
      </span>
      <time dateTime={new Date(entry.time).toISOString()} title={fullTime(entry.time)}>
        {clockTime(entry.time)}
      </time>
    </p>
  );
}
