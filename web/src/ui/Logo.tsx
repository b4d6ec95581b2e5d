import { classes } from './classes';
import styles from './Logo.module.css';

/** The workspace's sign: three waves on its accent colour. */
export function Logo({ size = 's' }: { size?: 's' | 'l' }) {
  return (
    <span className={classes(styles.logo, size === 'l' && styles.large)} aria-hidden="true">
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M3 8c3-3 6-3 9 0s6 3 9 0M3 13c3-3 6-3 9 0s6 3 9 0M3 18c3-3 6-3 9 0s6 3 9 0" />
      </svg>
    </span>
  );
}

/** Parley's own mark: two people talking. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg className={styles.mark} viewBox="0 0 40 40" width={size} height={size} aria-hidden="true" focusable="false">
      <path className={styles.left} d="M15 5a12 12 0 0 0-6 22.4L5 34l10-5a12 12 0 0 0 0-24z" />
      <path className={styles.right} d="M25 5a12 12 0 0 1 6 22.4L35 34l-10-5a12 12 0 0 1 0-24z" />
    </svg>
  );
}
