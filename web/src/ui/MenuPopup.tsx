import { Menu as Base } from '@base-ui/react/menu';
import { classes } from './classes';
import { Icon } from './Icon';
import type { MenuEntry, MenuPopupProps } from './Menu';
import styles from './Menu.module.css';

export default function MenuPopup({ open, onClose, anchor, label, entries }: MenuPopupProps) {
  return (
    <Base.Root
      open={open}
      onOpenChange={(next, details) => {
        // A press on the button itself closes by the button's own click: not twice.
        const target = details.event.target;
        if (!next && !(target instanceof Node && anchor.current?.contains(target))) {
          onClose();
        }
      }}
    >
      <Base.Portal>
        <Base.Positioner className={styles.positioner} anchor={anchor} side="top" align="start" sideOffset={8}>
          <Base.Popup
            className={styles.popup}
            aria-label={label}
            finalFocus={anchor}
            onKeyDown={(event) => {
              // Without a trigger of its own, Base UI would leave the focus on an element that nobody can see.
              if (event.key === 'Tab') {
                event.preventDefault();
                onClose();
              }
            }}
          >
            {entries.map((entry, index) => (
              <Entry key={entry.kind === 'line' ? `line ${index}` : entry.label} entry={entry} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** So many characters of choices stand beside each other on a phone, with their icons. */
const fit = 20;

const isLong = (options: readonly { label: string }[]) => options.map(({ label }) => label).join('').length > fit;

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case 'line':
      return <Base.Separator className={styles.line} />;
    case 'do':
      return (
        <Base.Item className={styles.item} onClick={entry.onSelect}>
          {entry.icon && <Icon of={entry.icon} size={16} />}
          {entry.label}
        </Base.Item>
      );
    case 'choose':
      return (
        <Base.Group>
          <Base.GroupLabel className={styles.label}>{entry.label}</Base.GroupLabel>
          <Base.RadioGroup
            className={classes(styles.choice, isLong(entry.options) && styles.stacked)}
            value={entry.value}
            onValueChange={(value) => entry.onChange(value)}
          >
            {entry.options.map((option) => (
              <Base.RadioItem key={option.value} className={styles.option} value={option.value} closeOnClick={false}>
                <Icon of={option.icon} size={16} />
                {option.label}
              </Base.RadioItem>
            ))}
          </Base.RadioGroup>
        </Base.Group>
      );
  }
}
