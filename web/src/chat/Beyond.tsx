import { ArrowDown, ArrowUp } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { useParley } from '../app/client';
import { around } from '../text/around';
import { classes, Icon } from '../ui';
import styles from './Sidebar.module.css';
import { totalUnread } from './title';

interface Hidden {
  above: number;
  below: number;
}

/** Buttons at the edges of the list of rooms that lead to those with something to read out of sight. */
export function Beyond({ scroll }: { scroll: RefObject<HTMLElement | null> }) {
  const { above, below } = useHidden(scroll);
  const go = (which: 'first' | 'last') => {
    const box = scroll.current;
    const links = box ? beyond(box) : null;
    // The nearest one that is out of sight.
    const link = which === 'first' ? links?.above.at(-1) : links?.below[0];
    link?.scrollIntoView({ block: 'center' });
    link?.focus({ preventScroll: true });
  };
  return (
    <>
      {above > 0 && (
        <button type="button" className={classes(styles.beyond, styles.atTop)} onClick={() => go('first')}>
          <Icon of={ArrowUp} size={16} />
          {around.unreadAbove(above)}
        </button>
      )}
      {below > 0 && (
        <button type="button" className={classes(styles.beyond, styles.atEnd)} onClick={() => go('last')}>
          <Icon of={ArrowDown} size={16} />
          {around.unreadBelow(below)}
        </button>
      )}
    </>
  );
}

/** Rooms with something to read that cannot be seen. */
function beyond(box: HTMLElement) {
  const links = [...box.querySelectorAll<HTMLElement>('[data-unread]')];
  const { top, bottom } = box.getBoundingClientRect();
  return {
    above: links.filter((link) => link.getBoundingClientRect().bottom <= top + 4),
    below: links.filter((link) => link.getBoundingClientRect().top >= bottom - 4),
  };
}

function useHidden(scroll: RefObject<HTMLElement | null>): Hidden {
  const [hidden, setHidden] = useState<Hidden>({ above: 0, below: 0 });
  const unread = useParley(totalUnread);
  const names = useParley((state) => state.roomNames);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is unread, and which rooms there are, is why it looks again
  useEffect(() => {
    const box = scroll.current;
    if (!box) {
      return;
    }
    const look = () => {
      const { above, below } = beyond(box);
      setHidden((was) =>
        was.above === above.length && was.below === below.length ? was : { above: above.length, below: below.length },
      );
    };
    look();
    box.addEventListener('scroll', look, { passive: true });
    const size = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(look);
    size?.observe(box);
    const marks = new MutationObserver(look);
    marks.observe(box, { subtree: true, childList: true, attributeFilter: ['data-unread'] });
    return () => {
      box.removeEventListener('scroll', look);
      size?.disconnect();
      marks.disconnect();
    };
  }, [scroll, unread, names]);
  return hidden;
}
