import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './Button.module.css';
import { classes } from './classes';
import { Icon } from './Icon';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** main: the one thing to do here. danger: what cannot be undone. quiet: without a frame. */
  variant?: 'main' | 'plain' | 'danger' | 'quiet';
  size?: 's' | 'm';
  /** As wide as what holds it. */
  block?: boolean;
  /** Its work is under way: it cannot be pressed, and says so to screen readers. */
  busy?: boolean;
  icon?: LucideIcon;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with a word on it. It is type="button" unless told otherwise. */
export function Button({
  variant = 'plain',
  size = 'm',
  block,
  busy,
  icon,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={classes(
        styles.button,
        styles[variant],
        size === 's' && styles.small,
        block && styles.block,
        className,
      )}
    >
      {icon && <Icon of={icon} size={16} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: LucideIcon;
  /** Its name, also shown when one points at it. */
  label: string;
  size?: 's' | 'm';
  ref?: Ref<HTMLButtonElement>;
}

/** A square button with an icon alone. Children stand beside the icon. */
export function IconButton({ icon, label, size = 'm', className, children, title, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={title ?? label}
      {...rest}
      className={classes(styles.square, size === 's' && styles.tiny, children !== undefined && styles.wide, className)}
    >
      <Icon of={icon} size={size === 's' ? 16 : 18} />
      {children}
    </button>
  );
}
