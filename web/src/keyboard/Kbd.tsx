import styles from './Kbd.module.css';
import { type Keys, labels } from './shortcuts';

/** Keys as they stand on the keyboard. */
export function Kbd({ keys, mac }: { keys: Keys; mac: boolean }) {
  return (
    <span className={styles.keys}>
      {labels(keys, mac).map((label) => (
        <kbd key={label} className={styles.key}>
          {label}
        </kbd>
      ))}
    </span>
  );
}
