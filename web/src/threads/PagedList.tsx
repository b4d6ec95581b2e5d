import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { common } from '../text/common';
import { threads as words } from '../text/threads';
import { Button } from '../ui';
import { Delayed } from '../ui/Delayed';
import styles from './List.module.css';
import type { Pages } from './pages';

interface PagedListProps<T> {
  label: string;
  pages: Pages<T>;
  keyOf: (item: T) => string;
  children: (item: T) => ReactNode;
  /** What it says while nothing is in it, and what to do then. */
  empty: string;
  hint: string;
}

/** A list in a panel, with what it says while it is loading, empty or not to be had. */
export function PagedList<T>({ label, pages, keyOf, children, empty, hint }: PagedListProps<T>) {
  const { items, more, busy, error, retry } = pages;
  const scroller = useHold(items && keysOf(items, keyOf));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={scroller} className={styles.scroller} aria-label={label} tabIndex={0}>
      {items === null && error === null && (
        <Delayed>
          <p className={styles.note}>{words.loadingList}</p>
        </Delayed>
      )}
      {items?.length === 0 && (
        <div className={styles.note}>
          <b>{empty}</b>
          <p>{hint}</p>
        </div>
      )}
      <ul>
        {items?.map((item) => (
          <li key={keyOf(item)} data-item={keyOf(item)}>
            {children(item)}
          </li>
        ))}
      </ul>
      {error !== null && (
        <div className={styles.note} role="alert">
          <p>{words.listFailed(error)}</p>
          <Button size="s" onClick={retry}>
            {common.tryAgain}
          </Button>
        </div>
      )}
      {more && error === null && (
        <Button size="s" variant="quiet" busy={busy} onClick={more}>
          {words.more}
        </Button>
      )}
    </section>
  );
}

const keysOf = <T,>(items: readonly T[], keyOf: (item: T) => string) => items.map(keyOf).join(' ');

/** Lets what one looks at or has the focus in stay where it is when something comes before it. keys, parted by spaces, tell what stands there. */
function useHold(keys: string | null) {
  const scroller = useRef<HTMLElement>(null);
  const first = useRef<string | null>(null);
  useLayoutEffect(() => {
    const box = scroller.current;
    const rows = [...(box?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];
    const was = rows.find((row) => row.dataset.item === first.current);
    const top = rows[0];
    const inside = box !== document.activeElement && box?.contains(document.activeElement);
    if (box && was && top && (box.scrollTop > 0 || inside)) {
      box.scrollTop += was.offsetTop - top.offsetTop;
    }
    first.current = keys?.split(' ')[0] || null;
  }, [keys]);
  return scroller;
}
