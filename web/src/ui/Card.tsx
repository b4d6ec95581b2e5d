import type { ReactNode } from 'react';
import { ui as texts } from '../text/ui';
import styles from './Card.module.css';
import { Logo, Mark } from './Logo';

interface CardProps {
  title: string;
  /** A line under the title. */
  sub?: ReactNode;
  /** The workspace's sign, or Parley's own where there is no workspace yet. */
  sign?: 'workspace' | 'parley';
  /** Stands under the card. */
  foot?: ReactNode;
  children?: ReactNode;
}

/** A screen that is one centred card: what stands before the chat. */
export function Card({ title, sub, sign = 'workspace', foot, children }: CardProps) {
  return (
    <main className={styles.gate}>
      <div className={styles.card}>
        {sign === 'workspace' ? <Logo size="l" /> : <Mark size={48} />}
        <h1>{title}</h1>
        {sub && <p className={styles.sub}>{sub}</p>}
        {children && <div className={styles.body}>{children}</div>}
      </div>
      {foot !== null && (
        <div className={styles.foot}>
          {foot ?? (
            <>
              <Mark />
              {texts.runsOn}
            </>
          )}
        </div>
      )}
    </main>
  );
}
