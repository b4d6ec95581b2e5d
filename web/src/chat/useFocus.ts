import {
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { VirtualizerHandle } from 'virtua';
import { nextMessage, type Row } from './rows';

/** So long a finger rests on a message before its actions show, in ms, and so far it may stray, in px. */
const longPress = 500;
const stray = 10;

/** The message that something happens in. Messages have their row's key as data-row. */
function messageOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
}

/**
 * Which message the pointer is on, and which has the focus. The list is one stop of the Tab key: the last message, or the one
 * that was focused last; arrow keys go from message to message, and Tab into its actions.
 */
export function useFocus(rows: readonly Row[], list: RefObject<VirtualizerHandle | null>) {
  const column = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<string | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const latest = useRef(rows);
  useEffect(() => {
    latest.current = rows;
  }, [rows]);
  const at = useMemo(() => (key === null ? -1 : rows.findIndex((row) => row.key === key)), [rows, key]);
  const stop = at >= 0 ? key : nextMessage(rows, rows.length - 1, -1);
  // The row with the focus stays while it is scrolled out of sight, or the focus would be lost.
  const keepMounted = useMemo(() => (at < 0 ? undefined : [at]), [at]);
  const press = usePress(setHover);

  const focusRow = useCallback(
    (to: string) => {
      const find = () => column.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(to)}"]`);
      const found = find();
      if (found) {
        found.focus({ preventScroll: true });
        found.scrollIntoView({ block: 'nearest' });
        return;
      }
      list.current?.scrollToIndex(
        latest.current.findIndex((row) => row.key === to),
        { align: 'nearest' },
      );
      requestAnimationFrame(() => find()?.focus({ preventScroll: true }));
    },
    [list],
  );

  const handlers = useMemo(() => {
    const move = (event: KeyboardEvent, step: 1 | -1) => {
      const on = messageOf(event.target);
      if (on === null || event.target !== on || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
        return;
      }
      const at = latest.current.findIndex((row) => row.key === on.dataset.row);
      const to = nextMessage(latest.current, at + step, step);
      event.preventDefault();
      if (to !== null) {
        focusRow(to);
      }
    };
    return {
      ...press,
      onPointerOver: (event: PointerEvent) => {
        if (event.pointerType === 'mouse') {
          setHover(messageOf(event.target)?.dataset.row ?? null);
        }
      },
      onPointerLeave: (event: PointerEvent) => {
        if (event.pointerType === 'mouse') {
          setHover(null);
        }
      },
      onFocus: (event: FocusEvent) => setKey(messageOf(event.target)?.dataset.row ?? null),
      onBlur: (event: FocusEvent) => {
        if (messageOf(event.relatedTarget) === null) {
          setKey(null);
        }
      },
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
          move(event, event.key === 'ArrowUp' ? -1 : 1);
        }
      },
    };
  }, [focusRow, press]);

  return { column, hover, key, stop, keepMounted, handlers, focusRow };
}

/** A finger that rests on a message shows its actions; one that touches elsewhere takes them away. */
function usePress(show: (key: string | null) => void) {
  const [press] = useState(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    const end = () => clearTimeout(timer);
    return {
      onPointerDown: (event: PointerEvent) => {
        if (event.pointerType === 'mouse' || (event.target as Element).closest('[role=toolbar]')) {
          return;
        }
        end();
        show(null);
        const key = messageOf(event.target)?.dataset.row ?? null;
        from = { x: event.clientX, y: event.clientY };
        timer = setTimeout(() => show(key), longPress);
      },
      onPointerMove: (event: PointerEvent) => {
        if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > stray) {
          end();
        }
      },
      onPointerUp: end,
      onPointerCancel: end,
    };
  });
  useEffect(() => press.onPointerUp, [press]);
  return press;
}
