import { useParley } from '../../app/client';
import { linkTo, messagePath } from '../../app/router';
import { changes } from '../../text/changes';
import styles from './QuoteBlock.module.css';
import { type Quoted, useQuoted } from './useQuoted';

/** The message that another one quotes, as it is now, above that one. A press goes to it. */
export default function QuoteBlock({ room, id }: { room: string; id: string }) {
  const quoted = useQuoted(room, id);
  const name = useName(quoted);
  if (!quoted || quoted.deleted) {
    return (
      <p className={styles.quote}>
        <i>{quoted === null ? changes.quotedLost : quoted ? changes.quotedGone : '…'}</i>
      </p>
    );
  }
  return (
    <a className={styles.quote} {...linkTo(messagePath(room, id))} title={changes.quoted(name)}>
      <b>{name}</b>
      <span dir="auto">{quoted.content}</span>
    </a>
  );
}

/** What its author wants to be called. */
export function useName(quoted: Quoted | null | undefined): string {
  const display = useParley((state) => state.people[quoted?.userId ?? '']?.display);
  return display || quoted?.user || '';
}
