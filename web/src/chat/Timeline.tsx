import { ArrowDown } from 'lucide-react';
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef } from 'react';
import { Virtualizer } from 'virtua';
import { useClient, useParley } from '../app/client';
import { classes, Icon } from '../ui';
import { DayPill, type DayPillHandle } from './DayPill';
import { Failed, LoadingOlder, Skeleton } from './Loading';
import { RowView } from './RowView';
import { buildRows, countAfter, isPrepend, type Row } from './rows';
import styles from './Timeline.module.css';
import { useToday } from './useNow';
import { useReach } from './useReach';
import { useScroll } from './useScroll';

const none: never[] = [];

export interface TimelineHandle {
  /** To be called when what stands below has grown: keeps the end in sight if it was. */
  hold: () => void;
  /** Goes to the end; the focus stays where it is. */
  toEnd: () => void;
}

/** What has been said in a room. It is made anew for each room: give it the room's name as its key. */
export function Timeline({ name, ref }: { name: string; ref?: Ref<TimelineHandle> }) {
  const client = useClient();
  const entries = useParley((state) => state.rooms[name]?.entries ?? none);
  const hasOlder = useParley((state) => state.rooms[name]?.hasOlder ?? false);
  const loading = useParley((state) => state.rooms[name]?.loading ?? 'first');
  const loadError = useParley((state) => state.rooms[name]?.loadError ?? null);
  const firstUnread = useParley((state) => (state.open === name ? (state.rooms[name]?.firstUnread ?? null) : null));
  const me = useParley((state) => state.me?.id);
  const today = useToday();
  const entered = useRef(false);
  const reaching = useReach(name, entered.current);
  const loaded = useLoaded(name) && !reaching;
  const rows = useMemo(
    () => (loaded ? buildRows(entries, { hasOlder, firstUnread }) : none),
    [loaded, entries, hasOlder, firstUnread],
  );
  useEffect(() => {
    entered.current ||= rows.length > 0;
  }, [rows]);
  const pill = useRef<DayPillHandle>(null);
  const shift = useShift(rows);
  const scroll = useScroll({
    name,
    rows,
    me,
    wantsOlder: hasOlder && loading === 'none' && loadError === null,
    loadOlder: () => void client.loadOlder(name),
    onMove: (row) => pill.current?.show(row?.kind === 'entry' ? row.entry.time : null),
  });
  useImperativeHandle(ref, () => ({ hold: scroll.onResize, toEnd: scroll.goEnd }), [scroll.onResize, scroll.goEnd]);
  const waiting = scroll.awayFrom === null ? 0 : countAfter(entries, scroll.awayFrom, me);

  return (
    <div className={styles.frame}>
      {loading === 'older' && loaded && <LoadingOlder />}
      <DayPill ref={pill} today={today} />
      <div
        ref={scroll.scroller}
        className={classes(styles.scroller, !scroll.settled && styles.settling)}
        role="log"
        // History that is drawn while one scrolls is not news: only what comes at the end is read out.
        aria-live={scroll.settled && scroll.awayFrom === null ? 'polite' : 'off'}
        aria-relevant="additions"
        aria-label={`Messages in ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <div className={styles.spring} />
        <div className={styles.column}>
          {rows.length > 0 && (
            <Virtualizer
              ref={scroll.list}
              data={rows}
              shift={shift}
              scrollRef={scroll.scroller}
              startMargin={0}
              bufferSize={400}
              onScroll={scroll.onScroll}
              onResize={scroll.onResize}
            >
              {(row) => <RowView key={row.key} row={row} room={name} today={today} />}
            </Virtualizer>
          )}
        </div>
      </div>
      {!loaded && (loadError === null ? <Skeleton /> : null)}
      {loadError !== null && loading === 'none' && (
        <Failed
          older={loaded && entries.length > 0}
          message={loadError}
          onRetry={() =>
            void (loaded && entries.length > 0 ? client.loadOlder(name) : client.open(name).catch(() => {}))
          }
        />
      )}
      {scroll.awayFrom !== null && <Jump waiting={waiting} onJump={scroll.toEnd} />}
    </div>
  );
}

function Jump({ waiting, onJump }: { waiting: number; onJump: () => void }) {
  return (
    <button
      type="button"
      className={styles.jump}
      onClick={onJump}
      aria-label={waiting > 0 ? `Jump to latest (${waiting})` : 'Jump to latest'}
    >
      <Icon of={ArrowDown} size={16} />
      Jump to latest
      {waiting > 0 && <b>{waiting > 999 ? '999+' : waiting}</b>}
    </button>
  );
}

/** Whether the room's newest page is here. */
function useLoaded(name: string): boolean {
  return useParley((state) => {
    const room = state.rooms[name];
    return (
      room !== undefined &&
      state.open === name &&
      room.loading !== 'first' &&
      (room.entries.length > 0 || room.loadError === null)
    );
  });
}

/** Whether these rows are those of the last drawing with older ones before them. */
function useShift(rows: readonly Row[]): boolean {
  const drawn = useRef<readonly Row[]>(none);
  const shift = isPrepend(drawn.current, rows);
  useLayoutEffect(() => {
    drawn.current = rows;
  }, [rows]);
  return shift;
}
