import { shortcuts as words } from '../text/shortcuts';
import { threads } from '../text/threads';
import { Dialog } from '../ui';
import { Kbd } from './Kbd';
import styles from './ShortcutSheet.module.css';
import { isMac, type Keys, type Shortcut, shortcuts } from './shortcuts';

const { acts, groups } = words;
const { catchUp } = threads;

interface Line {
  does: string;
  keys: readonly Keys[];
}

const ofPage = (group: Shortcut['group']): Line[] =>
  shortcuts.filter((each) => each.group === group).map(({ act, keys }) => ({ does: acts[act], keys: [keys] }));

/** Every shortcut: those of the page, and those of the part of it that has the focus. */
export const sheet: readonly { id: string; title: string; lines: readonly Line[] }[] = [
  { id: 'go', title: groups.go, lines: ofPage('go') },
  {
    id: 'read',
    title: groups.read,
    lines: [...ofPage('read'), { does: acts.message, keys: [{ key: 'ArrowUp' }, { key: 'ArrowDown' }] }],
  },
  {
    id: 'write',
    title: groups.write,
    lines: [
      { does: acts.send, keys: [{ key: 'Enter' }] },
      { does: acts.newLine, keys: [{ key: 'Enter', shift: true }] },
      { does: acts.editLast, keys: [{ key: 'ArrowUp' }] },
      { does: acts.cancelEdit, keys: [{ key: 'Escape' }] },
      { does: acts.name, keys: [{ key: '@' }] },
      { does: acts.room, keys: [{ key: '#' }] },
      { does: acts.emoji, keys: [{ key: ':' }] },
    ],
  },
  {
    id: 'catchup',
    title: catchUp.title,
    lines: [
      { does: catchUp.hints.move, keys: [{ key: 'j' }, { key: 'k' }] },
      { does: catchUp.hints.read, keys: [{ key: 'e' }] },
    ],
  },
];

/** The sheet, with the keys as they are called on this device. */
export function ShortcutSheet({ onClose, finalFocus }: { onClose: () => void; finalFocus: () => HTMLElement | null }) {
  const mac = isMac();
  return (
    <Dialog open onClose={onClose} finalFocus={finalFocus} size="m" title={words.help} description={words.helpHint}>
      {sheet.map(({ id, title, lines }) => (
        <section key={id} className={styles.group} aria-labelledby={`shortcuts-${id}`}>
          <h3 id={`shortcuts-${id}`}>{title}</h3>
          <dl>
            {lines.map(({ does, keys }) => (
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
      ))}
    </Dialog>
  );
}
