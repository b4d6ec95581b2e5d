import type { ReactNode } from 'react';
import { linkTo } from '../app/router';
import styles from './LinkButton.module.css';

/** A link that looks like a wide button: the other way to go on. */
export function LinkButton({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a {...linkTo(to)} className={styles.link}>
      {children}
    </a>
  );
}
