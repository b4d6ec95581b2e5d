import { common } from '../text/common';
import styles from './Waiting.module.css';

/** While the server's first answer is awaited: nothing, and a word if that takes a moment. */
export function Waiting() {
  return (
    <p className={styles.waiting} role="status">
      {common.loading}
    </p>
  );
}
