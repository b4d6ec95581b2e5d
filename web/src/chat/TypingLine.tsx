import { useParley } from '../app/client';
import { typingText } from './composing';
import { useDirectory } from './people';
import styles from './TypingLine.module.css';

/** Who is typing, and how to send while nobody is. */
export function TypingLine({ room }: { room: string }) {
  const names = useParley((state) => state.rooms[room]?.typing);
  const { display } = useDirectory();
  const text = typingText((names ?? []).map(display));
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
            <span>{text}</span>
          </>
        )}
      </p>
      <p className={styles.keys} aria-hidden="true">
        <kbd>Enter</kbd> to send, <kbd>Shift Enter</kbd> for a new line
      </p>
    </div>
  );
}
