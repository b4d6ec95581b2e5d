import type { ReactNode } from 'react';
import styles from './Body.module.css';
import { partsOf } from './naming';

/** A text in which the names of people stand out, and mine more than others'. */
export function named(text: string, names: string): ReactNode {
  const parts = partsOf(text, names);
  return parts.length === 1 && parts[0]?.names === null
    ? text
    : parts.map((part, at) =>
        part.names === null ? (
          part.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change their order
          <span key={at} className={part.names === 'me' ? styles.me : styles.other}>
            {part.text}
          </span>
        ),
      );
}
