import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { lastStored, type Row, unreadRow } from './rows';

/** So near the end, in px, one counts as being there. */
const nearEnd = 32;
/** So far from the beginning, in px, older messages are asked for. */
const nearStart = 800;

/** Where a room was left, while this page lives: the row at the top, and how far it was scrolled out of sight. */
const places = new Map<string, { key: string; offset: number }>();

interface ScrollOptions {
  name: string;
  rows: readonly Row[];
  me: string | undefined;
  wantsOlder: boolean;
  loadOlder: () => void;
  /** Called on scrolling, with the row at the top. */
  onMove: (top: Row | undefined) => void;
}

interface Scroll {
  scroller: RefObject<HTMLDivElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  onScroll: () => void;
  onResize: () => void;
  toEnd: () => void;
  /** The list stands where it should, and can be shown. */
  settled: boolean;
  /** n of the last message when the end was left; null while one is at the end. */
  awayFrom: number | null;
}

/**
 * Holds the list in place. At the end it stays at the end, whatever grows; elsewhere what one reads stays put.
 * A room is entered at the line "New messages", else where it was left, else at its end.
 */
export function useScroll(options: ScrollOptions): Scroll {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const atEnd = useRef(true);
  const latest = useRef(options);
  const [awayFrom, setAwayFrom] = useState<number | null>(null);
  const [settled, setSettled] = useState(false);
  const { name, rows, me } = options;
  const filled = rows.length > 0;

  useLayoutEffect(() => {
    latest.current = options;
  });

  const pin = useCallback(() => {
    const box = scroller.current;
    if (box && atEnd.current) {
      box.scrollTop = box.scrollHeight;
    }
  }, []);

  const look = useCallback(() => {
    const box = scroller.current;
    const { rows: now, wantsOlder, loadOlder } = latest.current;
    if (!box || now.length === 0) {
      return;
    }
    atEnd.current = box.scrollHeight - box.clientHeight - box.scrollTop <= nearEnd;
    setAwayFrom((was) => (atEnd.current ? null : (was ?? lastStored(entriesOf(now)))));
    if (wantsOlder && box.scrollTop < nearStart) {
      loadOlder();
    }
  }, []);

  const onScroll = useCallback(() => {
    look();
    const handle = list.current;
    const now = latest.current.rows;
    if (handle) {
      const at = handle.findItemIndex(handle.scrollOffset + 4);
      const row = now[at];
      latest.current.onMove(row);
      if (row && !atEnd.current) {
        places.set(latest.current.name, { key: row.key, offset: handle.scrollOffset - handle.getItemOffset(at) });
      } else {
        places.delete(latest.current.name);
      }
    }
  }, [look]);

  // The first rows: go where this room is entered, and show it when it stands there.
  useLayoutEffect(() => {
    if (!filled) {
      return;
    }
    enter(name, latest.current.rows, list.current, atEnd);
    pin();
    let frame = requestAnimationFrame(() => {
      pin();
      frame = requestAnimationFrame(() => {
        pin();
        look();
        setSettled(true);
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [filled, name, pin, look]);

  // What one has just said oneself is always shown; what others say, when one is at the end.
  const last = rows.at(-1);
  const said =
    last?.kind === 'entry' &&
    last.entry.kind === 'message' &&
    last.entry.userId === me &&
    last.entry.state === 'pending';
  const lastKey = last?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last row is why it runs
  useLayoutEffect(() => {
    if (said) {
      atEnd.current = true;
      setAwayFrom(null);
    }
    pin();
  }, [lastKey, said, rows, pin]);

  // A page of short messages may not fill the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows' number is why it runs
  useEffect(() => {
    if (settled) {
      look();
    }
  }, [settled, rows.length, options.wantsOlder, look]);

  const toEnd = useCallback(() => {
    atEnd.current = true;
    setAwayFrom(null);
    pin();
    scroller.current?.focus({ preventScroll: true });
  }, [pin]);

  return { scroller, list, onScroll, onResize: pin, toEnd, settled: settled || !filled, awayFrom };
}

function enter(name: string, rows: readonly Row[], list: VirtualizerHandle | null, atEnd: RefObject<boolean>) {
  const line = unreadRow(rows);
  const place = places.get(name);
  const left = place ? rows.findIndex((row) => row.key === place.key) : -1;
  atEnd.current = line < 0 && left < 0;
  if (line >= 0) {
    list?.scrollToIndex(line, { align: 'start', offset: -12 });
  } else if (place && left >= 0) {
    list?.scrollToIndex(left, { align: 'start', offset: place.offset });
  }
}

function entriesOf(rows: readonly Row[]) {
  return rows.flatMap((row) => (row.kind === 'entry' ? [row.entry] : []));
}
