import { WifiOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient, useParley } from '../app/client';
import { Button, Icon } from '../ui';
import styles from './Banner.module.css';
import { useCountdown } from './useNow';

/** A cut shorter than this is not worth moving the page for, in ms. */
const patience = 1500;

/** Says that the connection is gone, what that means for what is written, and when it is tried again. */
export function Banner() {
  const client = useClient();
  const connected = useParley((state) => state.status === 'connected');
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
        <b>You are disconnected.</b> What you write is kept and sent when you are back.{' '}
        <span className={styles.when}>
          {trying || seconds === null ? 'Trying again now.' : `Next try in ${seconds} s.`}
        </span>
      </p>
      <Button size="s" onClick={retry} disabled={trying}>
        Try now
      </Button>
    </div>
  );
}
