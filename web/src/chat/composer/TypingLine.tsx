import { useParley } from '../../app/client';
import { composer as words } from '../../text/composer';
import { useDirectory } from '../people';
import styles from './TypingLine.module.css';

/** Who is typing, and how to send while nobody is. */
export function TypingLine({ room }: { room: string }) {
  const names = useParley((state) => state.rooms[room]?.typing);
  const { display } = useDirectory();
  const text = words.typing((names ?? []).map(display));
  return (
    <div className={styles.line}>
      <p role="status" className={styles.typing}>
        {text && (
          <>
            <span className={styles.dots} aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
            <span dir="auto">{text}</span>
          </>
        )}
      </p>
      <p className={styles.keys} aria-hidden="true">
        <kbd>{words.keys.enter}</kbd> {words.keys.send} <kbd>{words.keys.shiftEnter}</kbd> {words.keys.line}
      </p>
    </div>
  );
}
