import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { common } from '../text/common';
import { IconButton } from '../ui';
import styles from './PeoplePanel.module.css';

interface SidePanelProps {
  /** Its name for those who hear it. */
  label: string;
  title: string;
  /** Stands beside the title. */
  more?: ReactNode;
  inert: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** A panel at the right of the room. It takes the focus; Esc within closes it. */
export function SidePanel({ label, title, more, inert, onClose, children }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.focus();
  }, []);
  return (
    <aside
      ref={panel}
      data-panel
      className={styles.panel}
      aria-label={label}
      tabIndex={-1}
      inert={inert}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.shiftKey && !event.defaultPrevented) {
          event.preventDefault();
          onClose();
        }
      }}
    >
      <header className={styles.top}>
        <h2>{title}</h2>
        <span>{more}</span>
        <IconButton icon={X} label={common.close} onClick={onClose} />
      </header>
      <div className={styles.scroll}>{children}</div>
    </aside>
  );
}
