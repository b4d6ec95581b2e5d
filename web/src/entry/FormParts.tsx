import { CircleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { entry as texts } from '../text/entry';
import { Button } from '../ui/Button';
import { Icon } from '../ui/Icon';
import styles from './FormParts.module.css';

/** What is wrong with the whole of a form, read out at once; nothing for ''. */
export function FormError({ text }: { text: string }) {
  if (text === '') return null;
  return (
    <p className={styles.error} role="alert">
      <Icon of={CircleAlert} size={16} />
      <span>{text}</span>
    </p>
  );
}

/** What was done, read out when it is there; nothing for ''. */
export function Done({ text }: { text: string }) {
  return (
    <p className={styles.done} role="status">
      {text}
    </p>
  );
}

/** Props of the one button that sends a form. */
export interface SubmitProps {
  children: ReactNode;
  busy: boolean;
  /** When the server lets the next try in, in milliseconds since 1970; 0 for now. */
  waitUntil: number;
  block?: boolean;
}

/** Sends the form, and counts the seconds while the server wants no further try. */
export function Submit({ children, busy, waitUntil, block = true }: SubmitProps) {
  return (
    <>
      <Button type="submit" variant="main" block={block} busy={busy} disabled={waitUntil > 0}>
        {children}
      </Button>
      {waitUntil > 0 && <Countdown until={waitUntil} />}
    </>
  );
}

function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(1, Math.ceil((until - now) / 1000));
  return (
    <p className={styles.wait} role="timer">
      {texts.waitSeconds(seconds)}
    </p>
  );
}

/** The word between two ways to go on. */
export function Or() {
  return (
    <p className={styles.or}>
      <span>{texts.or}</span>
    </p>
  );
}

/** Paragraphs, and perhaps a button, of a card that has no form. */
export function Notice({ children }: { children: ReactNode }) {
  return <div className={styles.notice}>{children}</div>;
}
