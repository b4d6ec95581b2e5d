import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { IconButton } from './Button';
import { classes } from './classes';
import type { DialogProps } from './Dialog';
import styles from './Dialog.module.css';

export default function DialogWindow(props: DialogProps) {
  const { open, onClose, title, description, children, actions, initialFocus, finalFocus, size = 's' } = props;
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.scrim} />
        <Base.Viewport className={styles.viewport}>
          <Base.Popup
            className={classes(styles.popup, size === 'm' && styles.medium)}
            initialFocus={initialFocus}
            finalFocus={() => finalFocus?.() ?? true}
          >
            <header className={styles.header}>
              <Base.Title className={styles.title}>{title}</Base.Title>
              <Base.Close render={<IconButton icon={X} label="Close" />} />
            </header>
            <div className={styles.body}>
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
