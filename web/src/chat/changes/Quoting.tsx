import { X } from 'lucide-react';
import { useEffect } from 'react';
import { changes } from '../../text/changes';
import { IconButton } from '../../ui';
import { quote } from './doing';
import { useName } from './QuoteBlock';
import styles from './Quoting.module.css';
import { useQuoted } from './useQuoted';

/** What is quoted in what is being written. If that message is deleted meanwhile it is quoted no more. */
export default function Quoting({ room, id }: { room: string; id: string }) {
  const quoted = useQuoted(room, id);
  const name = useName(quoted);
  const gone = quoted === null || quoted?.deleted === true;
  useEffect(() => {
    if (gone) {
      quote(room, null);
    }
  }, [gone, room]);
  if (!quoted || gone) {
    return null;
  }
  return (
    <div className={styles.quoting}>
      <p>
        <b>{changes.quoting(name)}</b>
        <span dir="auto">{quoted.content}</span>
      </p>
      <IconButton
        size="s"
        icon={X}
        label={changes.dropQuote}
        onClick={() => {
          quote(room, null);
          document.querySelector<HTMLElement>('[data-composer]')?.focus();
        }}
      />
    </div>
  );
}
