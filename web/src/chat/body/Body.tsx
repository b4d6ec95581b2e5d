import type { MessageEntry } from '@parley-chat/client';
import { memo } from 'react';
import { useParley } from '../../app/client';
import { usePeople } from '../../people/live';
import { classes } from '../../ui';
import { linkify } from '../linkify';
import styles from './Body.module.css';
import { isEmojiOnly } from './emoji';
import { named } from './Named';
import { namesIn } from './naming';
import { rich } from './Rich';
import richStyles from './Rich.module.css';

const none: readonly string[] = [];

/**
 * What a message says: as the server has rendered it, else as it was typed. Own messages are shown as typed until the server has
 * them. A few emoji alone are large.
 */
export const Body = memo(function Body({ entry, id }: { entry: MessageEntry; id?: string }) {
  const names = useParley((state) => namesIn(entry, state));
  const words = usePeople((state) => state.preferences?.highlights ?? none);
  const elements = rich(entry, names, words);
  const unsent = entry.state !== 'sent' && styles.unsent;
  if (elements !== null) {
    return (
      <div id={id} dir="auto" className={classes(styles.text, richStyles.rich, unsent)}>
        {elements}
      </div>
    );
  }
  return (
    <p
      id={id}
      dir="auto"
      className={classes(styles.text, styles.typed, isEmojiOnly(entry.content) && styles.large, unsent)}
    >
      <Typed content={entry.content} names={names} words={words} />
    </p>
  );
});

/** Text as it was typed, its lines kept; addresses become links that tell the other side nothing of this page. */
function Typed({ content, names, words }: { content: string; names: string; words: readonly string[] }) {
  return linkify(content).map((part, at) =>
    part.kind === 'link' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change their order
      <a key={at} href={part.href} target="_blank" rel="noopener noreferrer">
        {part.text}
      </a>
    ) : (
      named(part.text, { names, words }, at)
    ),
  );
}
