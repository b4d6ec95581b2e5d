import { Bot } from 'lucide-react';
import styles from './Avatar.module.css';
import { hueOf, initialsOf } from './avatar';
import { classes } from './classes';
import { Icon } from './Icon';

interface AvatarProps {
  /** What the colour comes from; the same person has the same colour everywhere. */
  id: string;
  name: string;
  size?: 20 | 24 | 28 | 32 | 36 | 56;
  /** A dot for who is here; it needs a word beside it. */
  online?: boolean;
  bot?: boolean;
}

/** A person as a rounded square with initials. It is decoration: the name stands beside it. */
export function Avatar({ id, name, size = 36, online, bot }: AvatarProps) {
  return (
    <span className={classes(styles.avatar, styles[`s${size}`])} style={{ '--av-h': hueOf(id) }} aria-hidden="true">
      <span className={styles.face} data-initials={bot ? undefined : initialsOf(name, size < 24 ? 1 : 2)}>
        {bot && <Icon of={Bot} size={Math.round(size * 0.6)} />}
      </span>
      {online !== undefined && <Dot on={online} />}
    </span>
  );
}

/** A state: filled is here, hollow is not, half is on the way. Never alone: a word stands beside it. */
export function Dot({ on, half, className }: { on: boolean; half?: boolean; className?: string }) {
  return <span className={classes(styles.dot, !on && (half ? styles.half : styles.off), className)} />;
}
