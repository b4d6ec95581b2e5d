import { keyboard } from '../text/keyboard';
import { Dialog } from '../ui';
import { Kbd } from './Kbd';
import styles from './ShortcutSheet.module.css';
import { isMac, type Shortcut, shortcuts } from './shortcuts';

const groups: Shortcut['group'][] = ['go', 'read', 'write'];

/** Every shortcut, as the keys of this device are called. */
export function ShortcutSheet({ onClose, finalFocus }: { onClose: () => void; finalFocus: () => HTMLElement | null }) {
  const mac = isMac();
  return (
    <Dialog
      open
      onClose={onClose}
      finalFocus={finalFocus}
      size="m"
      title={keyboard.help}
      description={keyboard.helpHint}
    >
      {groups.map((group) => (
        <section key={group} className={styles.group} aria-labelledby={`shortcuts-${group}`}>
          <h3 id={`shortcuts-${group}`}>{keyboard.groups[group]}</h3>
          <dl>
            {shortcuts
              .filter((each) => each.group === group)
              .map(({ act, keys }) => (
                <div key={act} className={styles.line}>
                  <dt>{keyboard.acts[act]}</dt>
                  <dd>
                    <Kbd keys={keys} mac={mac} />
                  </dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
