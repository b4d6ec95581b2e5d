import { Hash } from 'lucide-react';
import { memo } from 'react';
import { useParley } from '../app/client';
import { Icon } from '../ui';
import { dayLabel } from './days';
import { Message } from './Message';
import { Notice } from './Notice';
import styles from './RowView.module.css';
import type { EntryRow, Row } from './rows';

interface RowProps {
  row: Row;
  room: string;
  /** The present day's moment. */
  today: number;
}

/** Rows are made anew with each change of the room; what one shows seldom changes. */
function same(a: RowProps, b: RowProps): boolean {
  const [x, y] = [a.row, b.row];
  if (x.kind !== 'entry' || y.kind !== 'entry') {
    return x.kind === y.kind && a.room === b.room;
  }
  return (
    a.room === b.room &&
    a.today === b.today &&
    x.entry === y.entry &&
    x.newDay === y.newDay &&
    x.unread === y.unread &&
    x.grouped === y.grouped
  );
}

export const RowView = memo(function RowView({ row, room, today }: RowProps) {
  return row.kind === 'start' ? <Start room={room} /> : <EntryView row={row} room={room} today={today} />;
}, same);

function EntryView({ row, room, today }: { row: EntryRow; room: string; today: number }) {
  const { entry, newDay, unread, grouped } = row;
  return (
    <>
      {newDay && (
        <div className={styles.day}>
          <h2>{dayLabel(entry.time, today)}</h2>
        </div>
      )}
      {unread && (
        <p className={styles.unread}>
          <span>New messages</span>
        </p>
      )}
      {entry.kind === 'message' ? (
        <Message entry={entry} room={room} grouped={grouped} />
      ) : (
        <Notice entry={entry} room={room} />
      )}
    </>
  );
}

/** The beginning of a room: says what it is for, and what to do while nobody has said anything. */
function Start({ room }: { room: string }) {
  const topic = useParley((state) => state.rooms[room]?.topic ?? '');
  const empty = useParley((state) => state.rooms[room]?.lastN === 0);
  const archived = useParley((state) => state.rooms[room]?.archived === true);
  const workspace = useParley((state) => state.workspace?.name ?? 'Parley');
  const shared = useParley((state) => state.rooms[room]?.kind === 'public');
  return (
    <div className={styles.start}>
      <span className={styles.tile}>
        <Icon of={Hash} size={24} />
      </span>
      <h2>This is the start of {room}</h2>
      <p>
        {topic && `${topic.replace(/[.!?]?$/u, '.')} `}
        {shared ? `Everyone in ${workspace} can read along` : 'Only its members can read along'}
        {empty ? '; nothing here has been said yet.' : '.'}
        {empty && !archived && ' Write the first message below.'}
      </p>
    </div>
  );
}
