import { around } from '../text/around';
import styles from './Chat.module.css';

/** The first stop of the Tab key: past all rooms to the box where one writes. Unseen until it has the focus. */
export function SkipLink() {
  return (
    <button
      type="button"
      className={styles.skip}
      onClick={() => document.querySelector<HTMLElement>('[data-composer]')?.focus()}
    >
      {around.skip}
    </button>
  );
}
