import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { lastStored, type Row, unreadRow } from './rows';

/** So near the end, in px, one counts as being there. */
const nearEnd = 32;
/** So far from the beginning, in px, older messages are asked for. */
const nearStart = 800;

/** So much of what was read before is shown above the line "New messages", in px. */
const aboveLine = 40;

/** A row of which less than this is in sight, in px, is not the row at the top. */
const sliver = 4;

/** Where a box stands that scrolls. */
interface Place {
  scrollTop: number;
  scrollHeight: number;
  clientHeight: number;
}

/**
 * Whether one is at the end. Who was there leaves it only by moving up from `top`: a tall message that is measured after
 * it came in pushes the end away, and nobody has scrolled.
 */
export function isAtEnd(box: Place, was: boolean, top: number): boolean {
  return box.scrollHeight - box.clientHeight - box.scrollTop <= nearEnd || (was && box.scrollTop >= top);
}

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
  /** Goes to the end. */
  goEnd: () => void;
  /** The same, and puts the focus there. */
  toEnd: () => void;
  /** The list stands where it should, and can be shown. */
  settled: boolean;
  /** n of the last message when the end was left; null while one is at the end. */
  awayFrom: number | null;
}

/** The list, where it is to stand, and what puts it there. */
function useHold() {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const atEnd = useRef(true);
  // The scrollTop that was seen last; as far down as can be while the room is being entered.
  const top = useRef(Number.POSITIVE_INFINITY);
  // While the room is being entered: where it is to stand, as the rows become known.
  const goal = useRef<(() => number) | null>(null);
  const hold = useCallback(() => {
    const box = scroller.current;
    if (box && goal.current) {
      box.scrollTop = goal.current();
    } else if (box && atEnd.current) {
      box.scrollTop = box.scrollHeight;
      top.current = box.scrollTop;
    }
  }, []);
  return { scroller, list, atEnd, top, goal, hold };
}

/**
 * Holds the list in place. At the end it stays at the end, whatever grows; elsewhere what one reads stays put.
 * A room is entered at the line "New messages", else where it was left, else at its end.
 */
export function useScroll(options: ScrollOptions): Scroll {
  const { scroller, list, atEnd, top, goal, hold } = useHold();
  const latest = useRef(options);
  const [awayFrom, setAwayFrom] = useState<number | null>(null);
  const [settled, setSettled] = useState(false);
  const { name, rows, me } = options;
  const filled = rows.length > 0;

  useLayoutEffect(() => {
    latest.current = options;
  });

  const goEnd = useCallback(() => {
    goal.current = null;
    atEnd.current = true;
    setAwayFrom(null);
    hold();
  }, [hold, atEnd, goal]);

  const look = useCallback(() => {
    const box = scroller.current;
    const { rows: now, wantsOlder, loadOlder } = latest.current;
    if (!box || now.length === 0 || goal.current) {
      return;
    }
    atEnd.current = isAtEnd(box, atEnd.current, top.current);
    const up = box.scrollTop < top.current;
    top.current = box.scrollTop;
    if (!up) {
      hold();
    }
    setAwayFrom((was) => (atEnd.current ? null : (was ?? lastStored(entriesOf(now)))));
    if (wantsOlder && box.scrollTop < nearStart) {
      loadOlder();
    }
  }, [scroller, atEnd, top, goal, hold]);

  const onScroll = useCallback(() => {
    const handle = list.current;
    if (goal.current || !handle) {
      return;
    }
    look();
    const { rows: now, name: room, onMove } = latest.current;
    onMove(keepPlace(room, atEnd.current ? [] : now, handle));
  }, [look, list, atEnd, goal]);

  // The first rows: go where this room is entered, and show it when it stands there.
  useLayoutEffect(() => {
    if (!filled) {
      return;
    }
    goal.current = entrance(name, latest.current.rows, list, scroller);
    top.current = Number.POSITIVE_INFINITY;
    return untilStill(scroller, list, hold, () => {
      goal.current = null;
      look();
      setSettled(true);
    });
  }, [filled, name, hold, look, scroller, list, top, goal]);

  // What one has just said oneself is always shown; what others say, when one is at the end.
  const said = justSaid(rows.at(-1), me);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows are why it runs
  useLayoutEffect(hold, [rows, hold]);
  useLayoutEffect(() => {
    if (said) {
      goEnd();
    }
  }, [said, goEnd]);

  // A page of short messages may not fill the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows' number is why it runs
  useEffect(() => {
    if (settled) {
      look();
    }
  }, [settled, rows.length, options.wantsOlder, look]);

  const toEnd = useCallback(() => {
    goEnd();
    scroller.current?.focus({ preventScroll: true });
  }, [goEnd, scroller]);

  return { scroller, list, onScroll, onResize: hold, goEnd, toEnd, settled: settled || !filled, awayFrom };
}

/** Notes the row at the top, and returns it; without rows the place is forgotten, and the room opens at its end. */
function keepPlace(room: string, rows: readonly Row[], list: VirtualizerHandle): Row | undefined {
  const at = list.findItemIndex(list.scrollOffset + sliver);
  const row = rows[at];
  if (row) {
    places.set(room, { key: row.key, offset: list.scrollOffset - list.getItemOffset(at) });
  } else {
    places.delete(room);
  }
  return row;
}

/** Key of the last row if it is one's own message on its way; false if not. */
function justSaid(last: Row | undefined, me: string | undefined): string | false {
  const entry = last?.kind === 'entry' && last.entry.kind === 'message' ? last.entry : null;
  return entry?.userId === me && entry?.state === 'pending' && entry.key;
}

/** Where a room is entered, as a function of the sizes that are known: they become known while rows are drawn. */
function entrance(
  name: string,
  rows: readonly Row[],
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLDivElement | null>,
): () => number {
  const offset = (index: number) => list.current?.getItemOffset(index) ?? 0;
  const line = unreadRow(rows);
  if (line >= 0) {
    return () => Math.max(0, offset(line) - aboveLine);
  }
  const place = places.get(name);
  const left = place ? rows.findIndex((row) => row.key === place.key) : -1;
  if (place && left >= 0) {
    // Never past the row: of a tall one that was never drawn, only a guess of its size is known, and
    // beyond it other rows would be drawn instead, so that it would stay a guess.
    return () => offset(left) + Math.min(place.offset, Math.max(0, (list.current?.getItemSize(left) ?? 0) - sliver));
  }
  return () => scroller.current?.scrollHeight ?? 0;
}

/**
 * Holds the list until three frames are alike, or half a second has gone by; then calls done. Two are not enough: rows are
 * drawn a frame after the list was put there, and measured after that. Returns what gives up.
 */
function untilStill(
  scroller: RefObject<HTMLDivElement | null>,
  list: RefObject<VirtualizerHandle | null>,
  hold: () => void,
  done: () => void,
): () => void {
  let before = '';
  let alike = 0;
  let frames = 0;
  const look = () => {
    hold();
    const box = scroller.current;
    const now = box && list.current?.viewportSize ? `${box.scrollTop} ${box.scrollHeight}` : '';
    alike = now !== '' && now === before ? alike + 1 : 0;
    if (alike === 2 || ++frames > 30) {
      done();
      return;
    }
    before = now;
    frame = requestAnimationFrame(look);
  };
  let frame = requestAnimationFrame(look);
  hold();
  return () => cancelAnimationFrame(frame);
}

function entriesOf(rows: readonly Row[]) {
  return rows.flatMap((row) => (row.kind === 'entry' ? [row.entry] : []));
}
