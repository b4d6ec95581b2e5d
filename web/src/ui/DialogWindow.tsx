import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useRef } from 'react';
import { common } from '../text/common';
import { IconButton } from './Button';
import { classes } from './classes';
import type { DialogProps } from './Dialog';
import styles from './Dialog.module.css';

export default function DialogWindow(props: DialogProps) {
  const { open, onClose, title, description, children, actions, initialFocus, finalFocus, size = 's' } = props;
  const body = useRef<HTMLDivElement>(null);
  // The first field, not the button that closes it, which stands before. On touch a field would bring the keyboard up.
  const firstField = (how: string) =>
    (how !== 'touch' && body.current?.querySelector<HTMLElement>('input:not([readonly]), textarea, select')) || true;
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.scrim} />
        <Base.Viewport className={styles.viewport}>
          <Base.Popup
            className={classes(styles.popup, size === 'm' && styles.medium)}
            initialFocus={initialFocus ?? firstField}
            finalFocus={() => finalFocus?.() ?? true}
          >
            <header className={styles.header}>
              <Base.Title className={styles.title}>{title}</Base.Title>
              <Base.Close render={<IconButton icon={X} label={common.close} />} />
            </header>
            <div ref={body} className={styles.body}>
              {description && <Base.Description className={styles.description}>{description}</Base.Description>}
              {children}
            </div>
            {actions && <footer className={styles.actions}>{actions}</footer>}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}
