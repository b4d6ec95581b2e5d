import { keyboard } from '../text/keyboard';
import { threads } from '../text/threads';
import { Dialog } from '../ui';
import { Kbd } from './Kbd';
import styles from './ShortcutSheet.module.css';
import { isMac, type Keys, type Shortcut, shortcuts } from './shortcuts';

const { catchUp } = threads;

/** Keys of the view that tells what is new; they work there alone. */
const inCatchUp: readonly { keys: Keys[]; does: string }[] = [
  { keys: [{ key: 'j' }, { key: 'k' }], does: catchUp.hints.move },
  { keys: [{ key: 'e' }], does: catchUp.hints.read },
];

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
      <section className={styles.group} aria-labelledby="shortcuts-catchup">
        <h3 id="shortcuts-catchup">{catchUp.title}</h3>
        <dl>
          {inCatchUp.map(({ keys, does }) => (
            <div key={does} className={styles.line}>
              <dt>{does}</dt>
              <dd>
                {keys.map((each) => (
                  <Kbd key={each.key} keys={each} mac={mac} />
                ))}
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </Dialog>
  );
}
