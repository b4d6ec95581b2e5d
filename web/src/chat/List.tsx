import {
  type KeyboardEvent,
  type Ref,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { timeline } from '../text/timeline';
import { classes } from '../ui';
import { acting, editing } from './changes/doing';
import { DayPill, type DayPillHandle } from './DayPill';
import { RowView } from './RowView';
import { useTitle } from './rooms';
import { idOf, isPrepend, messageRow, type Row } from './rows';
import styles from './Timeline.module.css';
import { useFocus } from './useFocus';
import { useToday } from './useNow';
import { useScroll } from './useScroll';

export interface ListHandle {
  /** Keeps the end in sight if it was. */
  hold: () => void;
  toEnd: () => void;
  focus: () => void;
}

interface ListProps {
  name: string;
  rows: readonly Row[];
  me: string | undefined;
  /** Id of the message to be shown in the middle, and marked. */
  target: string | null;
  /** It begins at its end, whatever is unread. */
  toLatest: boolean;
  /** n of the room's last message. */
  lastN: number;
  /** The last row is not the end of the room. */
  hasNewer: boolean;
  /** Loads what comes before the first row, and after the last; null where there is nothing, or it cannot be loaded now. */
  onOlder: (() => void) | null;
  onNewer: (() => void) | null;
  /** Called with n of the last message when the end was left; with null at the end. */
  onAway: (from: number | null) => void;
  /** Called by the key for the end: where it is, is not known before all rows on the way are measured. */
  onEnd: () => void;
  ref: Ref<ListHandle>;
}

const never = () => {};

/** The rows that scroll. It is made anew for each part of the room that one leaps to. */
export function List({
  name,
  rows,
  me,
  target,
  toLatest,
  lastN,
  hasNewer,
  onOlder,
  onNewer,
  onAway,
  onEnd,
  ref,
}: ListProps) {
  const today = useToday();
  const title = useTitle(name);
  const pill = useRef<DayPillHandle>(null);
  const shift = useShift(rows);
  const scroll = useScroll({
    name,
    rows,
    me,
    target,
    toLatest,
    lastN,
    hasNewer,
    wantsOlder: onOlder !== null,
    loadOlder: onOlder ?? never,
    wantsNewer: onNewer !== null,
    loadNewer: onNewer ?? never,
    onMove: (row) => pill.current?.show(row?.kind === 'entry' ? row.entry.time : null),
  });
  const { scroller, list, settled, awayFrom } = scroll;
  const focus = useFocus(rows, list);
  const acted = acting.use((now) => now?.id ?? null);
  useEditing(name, rows, list);
  useImperativeHandle(
    ref,
    () => ({
      hold: scroll.onResize,
      toEnd: scroll.toEnd,
      focus: () => scroller.current?.focus({ preventScroll: true }),
    }),
    [scroll.onResize, scroll.toEnd, scroller],
  );
  useEffect(() => onAway(awayFrom), [onAway, awayFrom]);
  useArrival(target, rows, settled, scroll.toMessage, focus.focusRow);

  return (
    <>
      <DayPill ref={pill} today={today} />
      <div
        ref={scroller}
        className={classes(styles.scroller, !settled && styles.settling)}
        role="log"
        // Rows come and go while one scrolls: what is new is read out by News.
        aria-live="off"
        aria-label={timeline.messages(title)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        onKeyDown={(event) => onEndKey(event, onEnd)}
      >
        <div className={styles.spring} />
        <div ref={focus.column} className={styles.column} {...focus.handlers}>
          {rows.length > 0 && (
            <Virtualizer
              ref={list}
              data={rows}
              shift={shift}
              scrollRef={scroller}
              startMargin={0}
              bufferSize={400}
              onScroll={scroll.onScroll}
              onResize={scroll.onResize}
              {...(focus.keepMounted && { keepMounted: focus.keepMounted })}
            >
              {(row) => (
                <RowView
                  key={row.key}
                  row={row}
                  room={name}
                  today={today}
                  stop={row.key === focus.stop}
                  active={row.key === focus.hover || row.key === focus.key || (acted !== null && idOf(row) === acted)}
                  target={target !== null && idOf(row) === target}
                />
              )}
            </Virtualizer>
          )}
        </div>
      </div>
    </>
  );
}

function onEndKey(event: KeyboardEvent, onEnd: () => void) {
  if (event.key === 'End' && !event.shiftKey && !event.altKey && !event.defaultPrevented) {
    event.preventDefault();
    onEnd();
  }
}

/** Brings the message that one begins to edit into sight. */
function useEditing(name: string, rows: readonly Row[], list: RefObject<VirtualizerHandle | null>) {
  const id = editing.use((now) => (now?.room === name && !now.apart ? now.id : null));
  const latest = useRef(rows);
  useLayoutEffect(() => {
    latest.current = rows;
  }, [rows]);
  useLayoutEffect(() => {
    const at = id === null ? -1 : messageRow(latest.current, id);
    if (at >= 0) {
      list.current?.scrollToIndex(at, { align: 'nearest' });
    }
  }, [id, list]);
}

/** Whether these rows are those of the last drawing with older ones before them. */
function useShift(rows: readonly Row[]): boolean {
  const drawn = useRef<readonly Row[]>([]);
  const shift = isPrepend(drawn.current, rows);
  useLayoutEffect(() => {
    drawn.current = rows;
  }, [rows]);
  return shift;
}

/** Shows the message that the address names once it is here, and puts the focus on it. */
function useArrival(
  target: string | null,
  rows: readonly Row[],
  settled: boolean,
  toMessage: (id: string, then: () => void) => void,
  focusRow: (key: string) => void,
) {
  const reached = useRef<string | null>(null);
  useEffect(() => {
    if (target === null) {
      reached.current = null;
      return;
    }
    const row = settled && reached.current !== target ? rows[messageRow(rows, target)] : undefined;
    if (row) {
      reached.current = target;
      toMessage(target, () => focusRow(row.key));
    }
  }, [target, rows, settled, toMessage, focusRow]);
}
