import { Pencil } from 'lucide-react';
import { useParley } from '../../app/client';
import { composer } from '../../text/composer';
import { Icon } from '../../ui';
import styles from './DraftMark.module.css';

/** A pencil at a room in which something is written that was not sent. */
export function DraftMark({ room }: { room: string }) {
  const drafted = useParley((state) => (state.drafts[room] ?? '').trim() !== '');
  return drafted ? (
    <span className={styles.mark} role="img" aria-label={composer.draft} title={composer.draft}>
      <Icon of={Pencil} size={14} />
    </span>
  ) : null;
}
