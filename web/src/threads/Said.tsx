import type { MessageEntry } from '@parley-chat/client';
import { useEffect, useRef, useState } from 'react';
import { useClient } from '../app/client';
import { linesOf } from '../chat/News';
import styles from './Thread.module.css';

/** So many lines stay for those who go back to them. */
const kept = 5;

/** Reads out what others say in a list from now on, but who is blocked, and nothing of what is there already or is loaded. */
export function Said({ label, entries }: { label: string; entries: readonly MessageEntry[] }) {
  const client = useClient();
  const last = useRef<number | null>(null);
  const [lines, setLines] = useState<{ key: string; text: string }[]>([]);
  useEffect(() => {
    const { me, people, blocked } = client.getState();
    const before = last.current;
    last.current = entries.reduce((most, entry) => Math.max(most, entry.seq ?? 0), before ?? 0);
    if (before === null) {
      return;
    }
    const fresh = entries.filter(
      ({ seq, userId, deleted }) => (seq ?? 0) > before && userId !== me?.id && !deleted && !blocked?.has(userId),
    );
    if (fresh.length > 0) {
      setLines((lines) => [...lines, ...linesOf(fresh, people)].slice(-kept));
    }
  }, [client, entries]);
  const gone = entries.filter((entry) => entry.deleted).map((entry) => entry.key);
  return (
    <div className={styles.hidden} role="log" aria-live="polite" aria-relevant="additions" aria-label={label}>
      {lines.map(({ key, text }) => !gone.includes(key) && <p key={key}>{text}</p>)}
    </div>
  );
}
