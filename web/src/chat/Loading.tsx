import { CircleAlert, LoaderCircle } from 'lucide-react';
import { Button, Icon } from '../ui';
import { Delayed } from '../ui/Delayed';
import styles from './Loading.module.css';

/** Stands where messages will be, once the wait can be felt. */
export function Skeleton() {
  return (
    <Delayed>
      <div className={styles.skeleton}>
        <p className={styles.hidden}>Loading messages…</p>
        {[64, 40, 82, 55, 71].map((width) => (
          <div key={width} className={styles.bone} aria-hidden="true">
            <span className={styles.face} />
            <span className={styles.lines}>
              <span className={styles.name} />
              <span className={styles.text} style={{ inlineSize: `${width}%` }} />
            </span>
          </div>
        ))}
      </div>
    </Delayed>
  );
}

/** Over the top of the list, so that the list does not move. */
export function LoadingOlder() {
  return (
    <Delayed>
      <p className={styles.older}>
        <Icon of={LoaderCircle} size={14} className={styles.spin} />
        Loading earlier messages
      </p>
    </Delayed>
  );
}

/** Says what could not be loaded, and offers to try again. */
export function Failed({ older, message, onRetry }: { older: boolean; message: string; onRetry: () => void }) {
  return (
    <div className={older ? styles.olderFailed : styles.failed} role="alert">
      <Icon of={CircleAlert} />
      <p>
        {older ? 'Earlier messages' : 'The messages'} could not be loaded: {message.replace(/\.$/u, '')}.
      </p>
      <Button size="s" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
