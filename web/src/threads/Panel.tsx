import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { closePanel } from '../chat/panel';
import { common } from '../text/common';
import { IconButton } from '../ui';
import styles from './Panel.module.css';

interface PanelProps {
  /** Its name, and what stands in it. */
  label: string;
  title: string;
  /** Beside the title. */
  more?: string;
  /** Buttons at its top. */
  acts?: ReactNode;
  inert: boolean;
  children: ReactNode;
}

/** What stands at the right of the room; on a narrow screen in its place. Esc within closes it, and the focus goes back. */
export function Panel({ label, title, more, acts, inert, children }: PanelProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!panel.current?.contains(document.activeElement)) {
      panel.current?.focus();
    }
  }, []);
  return (
    <aside
      ref={panel}
      className={styles.panel}
      aria-label={label}
      tabIndex={-1}
      inert={inert}
      data-panel
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.shiftKey && !event.defaultPrevented) {
          event.preventDefault();
          closePanel();
        }
      }}
    >
      <header className={styles.top}>
        <h2>{title}</h2>
        <span className={styles.more}>{more}</span>
        {acts}
        <IconButton icon={X} label={common.close} onClick={closePanel} />
      </header>
      {children}
    </aside>
  );
}
