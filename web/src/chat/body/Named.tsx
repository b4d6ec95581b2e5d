import { Fragment, type ReactNode } from 'react';
import styles from './Body.module.css';
import { marked } from './marked';
import { partsOf } from './naming';

/** What stands out in a text: names, as namesIn has them, and words that somebody wants to see. */
export interface Marks {
  names: string;
  words: readonly string[];
}

/** A text in which the names of people stand out, mine more than others', and highlighted words. */
export function named(text: string, { names, words }: Marks, key: number): ReactNode {
  const parts = partsOf(text, names);
  const [only] = parts;
  if (parts.length === 1 && only?.names === null) {
    return marked(text, words, key);
  }
  return (
    <Fragment key={key}>
      {parts.map((part, at) =>
        part.names === null ? (
          marked(part.text, words, at)
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change their order
          <span key={at} className={part.names === 'me' ? styles.me : styles.other}>
            {part.text}
          </span>
        ),
      )}
    </Fragment>
  );
}
