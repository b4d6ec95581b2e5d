import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { VirtualizerHandle } from 'virtua';
import { idOf, messageRow, type Row, unreadRow } from './rows';

/** So near the end, in px, one counts as being there. */
const nearEnd = 32;
/** So far from the beginning, in px, older messages are asked for, and from the end of a piece of the past newer ones. */
const nearEdge = 800;

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

/** Where a room was left, while this page lives. */
interface Left {
  /** The first message in sight, and how far it was scrolled out of it; of a row without an id, id is null. */
  key: string;
  id: string | null;
  offset: number;
  /** n of the last message when the end was left. */
  awayFrom: number;
}

const places = new Map<string, Left>();

/** Where a room was left, if that was not at its end. */
export function placeOf(room: string): Readonly<Left> | undefined {
  return places.get(room);
}

/** The room is entered at its end, or at the line "New messages", next time. */
export function forgetPlace(room: string): void {
  places.delete(room);
}

/** Where a room was left stays when the room gets another name. */
export function movePlace(was: string, now: string): void {
  const place = places.get(was);
  places.delete(was);
  if (place) {
    places.set(now, place);
  }
}

interface ScrollOptions {
  name: string;
  rows: readonly Row[];
  me: string | undefined;
  /** The message that is to be shown first, in the middle. */
  target: string | null;
  /** It is entered at its end, whatever is unread: one has asked for that. */
  toLatest: boolean;
  wantsOlder: boolean;
  loadOlder: () => void;
  /** n of the room's last message. */
  lastN: number;
  /** The last row is not the end of the room. */
  hasNewer: boolean;
  wantsNewer: boolean;
  loadNewer: () => void;
  /** Called on scrolling, with the row at the top. */
  onMove: (top: Row | undefined) => void;
}

interface Scroll {
  scroller: RefObject<HTMLDivElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  onScroll: () => void;
  onResize: () => void;
  toEnd: () => void;
  /** Puts the row of a message into the middle, and calls then once it stands there. */
  toMessage: (id: string, then: () => void) => void;
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

/** n of the last message when the end was left, for drawing and at once; null while one is at the end. */
function useAway(options: ScrollOptions) {
  const [awayFrom, setAwayFrom] = useState(() =>
    options.target === null ? (placeOf(options.name)?.awayFrom ?? null) : null,
  );
  const away = useRef(awayFrom);
  const leave = useCallback((n: number | null) => {
    away.current = n;
    setAwayFrom(n);
  }, []);
  return { awayFrom, away, leave };
}

/**
 * Holds the list in place. At the end it stays at the end, whatever grows; elsewhere what one reads stays put.
 * A room is entered at the message that is asked for, else where it was left, else at the line "New messages", else at its end.
 */
export function useScroll(options: ScrollOptions): Scroll {
  const place = useHold();
  const { scroller, list, atEnd, top, goal, hold } = place;
  const latest = useRef(options);
  const { awayFrom, away, leave } = useAway(options);
  const { rows, me } = options;
  const filled = rows.length > 0;

  useLayoutEffect(() => {
    latest.current = options;
  });

  const goEnd = useCallback(() => {
    goal.current = null;
    atEnd.current = true;
    leave(null);
    hold();
  }, [hold, leave, atEnd, goal]);

  const look = useCallback(() => {
    const box = scroller.current;
    const { rows: now, lastN, wantsOlder, loadOlder, hasNewer, wantsNewer, loadNewer } = latest.current;
    if (!box || now.length === 0 || goal.current) {
      return;
    }
    atEnd.current = !hasNewer && isAtEnd(box, atEnd.current, top.current);
    const up = box.scrollTop < top.current;
    top.current = box.scrollTop;
    if (!up) {
      hold();
    }
    leave(atEnd.current ? null : (away.current ?? lastN));
    if (wantsOlder && box.scrollTop < nearEdge) {
      loadOlder();
    }
    if (wantsNewer && box.scrollHeight - box.clientHeight - box.scrollTop < nearEdge) {
      loadNewer();
    }
  }, [scroller, atEnd, top, goal, hold, leave, away]);

  /** Notes where one is, and returns the row at the top; undefined at the end. */
  const note = useCallback(() => {
    look();
    const { rows: now, name } = latest.current;
    return list.current ? keepPlace(name, now, list.current, atEnd.current ? null : away.current) : undefined;
  }, [look, list, atEnd, away]);

  const onScroll = useCallback(() => {
    if (!goal.current) {
      latest.current.onMove(note());
    }
  }, [note, goal]);

  const { settled, toMessage } = useEntrance(latest, filled, place, { note, leave, away });

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
  }, [settled, rows.length, options.wantsOlder, options.wantsNewer, look]);

  return { scroller, list, onScroll, onResize: hold, toEnd: goEnd, toMessage, settled: settled || !filled, awayFrom };
}

interface Notes {
  note: () => void;
  leave: (n: number | null) => void;
  away: RefObject<number | null>;
}

/** Puts the list where the room is entered, and later where one leaps to. */
function useEntrance(
  latest: RefObject<ScrollOptions>,
  filled: boolean,
  { scroller, list, atEnd, top, goal, hold }: ReturnType<typeof useHold>,
  { note, leave, away }: Notes,
) {
  const [settled, setSettled] = useState(false);
  // The first rows: go where this room is entered, and show it when it stands there.
  useLayoutEffect(() => {
    if (!filled) {
      return;
    }
    goal.current = entrance(latest.current, list, scroller);
    top.current = Number.POSITIVE_INFINITY;
    if (latest.current.hasNewer) {
      leave(away.current ?? latest.current.lastN);
    }
    return untilStill(scroller, list, hold, () => {
      goal.current = null;
      note();
      setSettled(true);
    });
  }, [latest, away, filled, hold, note, leave, scroller, list, top, goal]);

  const giveUp = useRef<() => void>(undefined);
  useEffect(() => () => giveUp.current?.(), []);
  const toMessage = useCallback(
    (id: string, then: () => void) => {
      giveUp.current?.();
      const index = messageRow(latest.current.rows, id);
      if (index < 0) {
        return;
      }
      goal.current = middle(index, list, scroller);
      giveUp.current = untilStill(scroller, list, hold, () => {
        goal.current = null;
        atEnd.current = false;
        top.current = Number.POSITIVE_INFINITY;
        note();
        then();
      });
    },
    [latest, goal, atEnd, top, hold, note, list, scroller],
  );
  return { settled, toMessage };
}

/** Notes the first message in sight; awayFrom null: at the end, the place is forgotten. Returns the row at the top. */
function keepPlace(
  room: string,
  rows: readonly Row[],
  list: VirtualizerHandle,
  awayFrom: number | null,
): Row | undefined {
  if (awayFrom === null) {
    places.delete(room);
    return;
  }
  const at = list.findItemIndex(list.scrollOffset + sliver);
  for (let i = at; i < rows.length; i++) {
    const id = idOf(rows[i]);
    if (id !== null || i === rows.length - 1) {
      const key = rows[i]?.key ?? '';
      places.set(room, { key, id, offset: list.scrollOffset - list.getItemOffset(i), awayFrom });
      break;
    }
  }
  return rows[at];
}

/** Index of the row where a room was left; -1 if it is not here. */
export function placeRow(rows: readonly Row[], place: Readonly<Left>): number {
  return rows.findIndex((row) => row.key === place.key || (place.id !== null && idOf(row) === place.id));
}

/** Key of the last row if it is one's own message on its way; false if not. */
function justSaid(last: Row | undefined, me: string | undefined): string | false {
  const entry = last?.kind === 'entry' && last.entry.kind === 'message' ? last.entry : null;
  return entry?.userId === me && entry?.state === 'pending' && entry.key;
}

/** Where a room is entered, as a function of the sizes that are known: they become known while rows are drawn. */
function entrance(
  { name, rows, target, toLatest }: ScrollOptions,
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLDivElement | null>,
): () => number {
  const offset = (index: number) => list.current?.getItemOffset(index) ?? 0;
  const asked = target === null ? -1 : messageRow(rows, target);
  if (asked >= 0) {
    return middle(asked, list, scroller);
  }
  const end = () => scroller.current?.scrollHeight ?? 0;
  if (toLatest) {
    return end;
  }
  const place = places.get(name);
  const left = place ? placeRow(rows, place) : -1;
  if (place && left >= 0) {
    // Never past the row: of a tall one that was never drawn, only a guess of its size is known, and
    // beyond it other rows would be drawn instead, so that it would stay a guess.
    return () => offset(left) + Math.min(place.offset, Math.max(0, (list.current?.getItemSize(left) ?? 0) - sliver));
  }
  const line = unreadRow(rows);
  return line >= 0 ? () => Math.max(0, offset(line) - aboveLine) : end;
}

/** Where a row stands in the middle; of one that is taller than the screen, its beginning is shown. */
function middle(
  index: number,
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLDivElement | null>,
): () => number {
  return () => {
    const room = (scroller.current?.clientHeight ?? 0) - (list.current?.getItemSize(index) ?? 0);
    return Math.max(0, (list.current?.getItemOffset(index) ?? 0) - Math.max(aboveLine, room / 2));
  };
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
