import { type Ref, useEffect, useImperativeHandle, useState } from 'react';
import { classes } from '../ui';
import { dayLabel } from './days';
import styles from './Timeline.module.css';

export interface DayPillHandle {
  /** Shows the day of a moment for a second; null hides it. */
  show: (time: number | null) => void;
}

/** The day of what stands at the top, over the list while it scrolls. The days are written in the list too. */
export function DayPill({ ref, today }: { ref: Ref<DayPillHandle>; today: number }) {
  const [label, setLabel] = useState('');
  const [moved, setMoved] = useState(0);
  useImperativeHandle(
    ref,
    () => ({
      show: (time) => {
        setLabel(time === null ? '' : dayLabel(time, today));
        setMoved(time === null ? 0 : Date.now());
      },
    }),
    [today],
  );
  useEffect(() => {
    if (moved === 0) {
      return;
    }
    const timer = setTimeout(() => setMoved(0), 1000);
    return () => clearTimeout(timer);
  }, [moved]);
  return (
    <div className={classes(styles.pill, moved === 0 && styles.gone)} aria-hidden="true">
      <span>{label}</span>
    </div>
  );
}
