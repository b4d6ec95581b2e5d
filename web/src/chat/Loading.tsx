import { CircleAlert, LoaderCircle, X } from 'lucide-react';
import { common } from '../text/common';
import { timeline } from '../text/timeline';
import { Button, classes, Icon, IconButton } from '../ui';
import { Delayed } from '../ui/Delayed';
import styles from './Loading.module.css';
import type { Lost } from './useJump';

/** Stands where messages will be, once the wait can be felt. */
export function Skeleton() {
  return (
    <Delayed>
      <div className={styles.skeleton}>
        <p className={styles.hidden}>{timeline.loading}</p>
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

/** Over the end of the list where more is loaded, so that the list does not move. */
export function LoadingMore({ newer }: { newer: boolean }) {
  return (
    <Delayed>
      <p className={classes(styles.more, newer && styles.newer)}>
        <Icon of={LoaderCircle} size={14} className={styles.spin} />
        {newer ? timeline.loadingNewer : timeline.loadingOlder}
      </p>
    </Delayed>
  );
}

/** Says what could not be loaded, and offers to try again. */
export function Failed({ more, message, onRetry }: { more: boolean; message: string; onRetry: () => void }) {
  return (
    <div className={more ? styles.moreFailed : styles.failed} role="alert">
      <Icon of={CircleAlert} />
      <p>{more ? timeline.failedMore(message) : timeline.failed(message)}</p>
      <Button size="s" onClick={onRetry}>
        {common.tryAgain}
      </Button>
    </div>
  );
}

/** Says that the message which a link led to is not here. */
export function Missing({ text, retry, dismiss }: Lost) {
  return (
    <div className={styles.moreFailed} role="alert">
      <Icon of={CircleAlert} />
      <p>{text}</p>
      {retry && (
        <Button size="s" onClick={retry}>
          {common.tryAgain}
        </Button>
      )}
      <IconButton icon={X} size="s" label={common.close} onClick={dismiss} />
    </div>
  );
}
