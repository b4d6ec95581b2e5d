import { memo } from 'react';
import { useParley } from '../app/client';
import { timeline } from '../text/timeline';
import { dayLabel } from './days';
import { Message } from './Message';
import { Notice } from './Notice';
import { RoomIcon } from './RoomIcon';
import styles from './RowView.module.css';
import { useTitle } from './rooms';
import type { EntryRow, Row } from './rows';

interface RowProps {
  row: Row;
  room: string;
  /** The present day's moment. */
  today: number;
  /** The Tab key stops at it. */
  stop: boolean;
  /** What can be done with it shows. */
  active: boolean;
  /** The page's address names it. */
  target: boolean;
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
    a.stop === b.stop &&
    a.active === b.active &&
    a.target === b.target &&
    x.entry === y.entry &&
    x.newDay === y.newDay &&
    x.unread === y.unread &&
    x.grouped === y.grouped
  );
}

export const RowView = memo(function RowView({ row, ...rest }: RowProps) {
  return row.kind === 'start' ? <Start room={rest.room} /> : <EntryView row={row} {...rest} />;
}, same);

function EntryView({ row, room, today, stop, active, target }: Omit<RowProps, 'row'> & { row: EntryRow }) {
  const { entry, newDay, unread, grouped } = row;
  return (
    <>
      {newDay && (
        <div className={styles.day}>
          <h2>{dayLabel(entry.time, today)}</h2>
        </div>
      )}
      {unread && (
        <p className={styles.unread} data-line>
          <span>{timeline.news}</span>
        </p>
      )}
      {entry.kind === 'message' ? (
        <Message entry={entry} room={room} grouped={grouped} stop={stop} active={active} target={target} />
      ) : (
        <Notice entry={entry} />
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
  const title = useTitle(room);
  const direct = useParley((state) => state.rooms[room]?.kind === 'direct');
  const face = useParley((state) => direct && state.rooms[room]?.people?.length === 1);
  const shared = useParley((state) => state.rooms[room]?.kind === 'public');
  return (
    <div className={styles.start}>
      {face ? (
        <RoomIcon name={room} size={56} />
      ) : (
        <span className={styles.tile}>
          <RoomIcon name={room} size={24} />
        </span>
      )}
      <h2>{direct ? timeline.startDirect(title) : timeline.start(room)}</h2>
      <p>
        {topic && `${timeline.sentence(topic)} `}
        {shared ? timeline.everyone(workspace) : direct ? timeline.between : timeline.members}
        {empty ? timeline.empty : timeline.end}
        {empty && !archived && ` ${timeline.first}`}
      </p>
    </div>
  );
}
