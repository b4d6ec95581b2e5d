import { WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { around } from '../text/around';
import { Button, Icon } from '../ui';
import styles from './Banner.module.css';
import { useConnection } from './connection';
import { useCountdown } from './useNow';

/** A cut shorter than this is not worth moving the page for, in ms. */
const patience = 1500;

/** Says that the connection is gone, what that means for what is written, and when it is tried again. */
export function Banner() {
  const client = useClient();
  const connection = useConnection();
  const connected = connection === 'connected';
  const trying = useParley((state) => state.status === 'connecting');
  const retryAt = useParley((state) => state.retryAt);
  const seconds = useCountdown(retryAt);
  const [shown, setShown] = useState(false);

  useEffect(() => {
    if (connected) {
      setShown(false);
      return;
    }
    const timer = setTimeout(() => setShown(true), patience);
    return () => clearTimeout(timer);
  }, [connected]);

  if (!shown) {
    return null;
  }
  const retry = () => {
    client.stop();
    client.start();
  };
  return (
    <div className={styles.banner}>
      <Icon of={WifiOff} />
      <p>
        {connection === 'offline' ? (
          <>
            <b>{around.offline}</b> {around.offlineWhy}
          </>
        ) : (
          <b>{around.cut}</b>
        )}{' '}
        {around.kept}{' '}
        <span className={styles.when}>{trying || seconds === null ? around.trying : around.nextTry(seconds)}</span>
      </p>
      <Button size="s" onClick={trying ? undefined : retry} aria-disabled={trying}>
        {around.tryNow}
      </Button>
    </div>
  );
}
