import type { State } from '@parley-chat/client';
import { Bot } from 'lucide-react';
import { useState } from 'react';
import { useParley } from '../app/client';
import styles from './Avatar.module.css';
import { hueOf, initialsOf } from './avatar';
import { classes } from './classes';
import { Icon } from './Icon';

interface AvatarProps {
  /** Whose it is. The colour behind the initials comes from it, and is the same everywhere. */
  id: string;
  name: string;
  size?: 20 | 24 | 28 | 32 | 36 | 56 | 96;
  /** A dot for who is here; it needs a word beside it. */
  online?: boolean;
  /** Whoever is here is away, or does not want to be disturbed. */
  state?: 'online' | 'away' | 'dnd' | 'offline';
  bot?: boolean;
}

/** A person as a rounded square: their picture, else initials. It is decoration: the name stands beside it. */
export function Avatar({ id, name, size = 36, online, state, bot }: AvatarProps) {
  const path = useParley((state) => pictureOf(state, id));
  const [broken, setBroken] = useState<string | null>(null);
  return (
    <span className={classes(styles.avatar, styles[`s${size}`])} style={{ '--av-h': hueOf(id) }} aria-hidden="true">
      <span className={styles.face} data-initials={bot ? undefined : initialsOf(name, size < 24 ? 1 : 2)}>
        {bot && <Icon of={Bot} size={Math.round(size * 0.6)} />}
        {path !== null && path !== broken && (
          <img
            className={styles.picture}
            src={path}
            alt=""
            width={size}
            height={size}
            loading="lazy"
            decoding="async"
            draggable={false}
            onError={() => setBroken(path)}
          />
        )}
      </span>
      {online !== undefined && (
        <Dot on={online} of={online && (state === 'away' || state === 'dnd') ? state : undefined} />
      )}
    </span>
  );
}

function pictureOf(state: State, id: string): string | null {
  return state.people[id]?.avatar ?? (state.me?.id === id ? state.me.avatar : null);
}

interface DotProps {
  on: boolean;
  half?: boolean;
  of?: 'away' | 'dnd';
  className?: string;
}

/**
 * A state: filled is here, a ring is away, a bar is do not disturb, hollow is not here, half is on the way. Never alone: a word
 * stands beside it.
 */
export function Dot({ on, half, of, className }: DotProps) {
  return (
    <span className={classes(styles.dot, !on && (half ? styles.half : styles.off), of && styles[of], className)} />
  );
}
