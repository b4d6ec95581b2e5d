import { Dialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from '../app/client';
import { navigate, roomPath } from '../app/router';
import { textOf } from '../app/session';
import { RoomIcon } from '../chat/RoomIcon';
import { openDirect } from '../rooms/direct';
import { keyboard as text } from '../text/keyboard';
import { Avatar, classes, Icon } from '../ui';
import dialog from '../ui/Dialog.module.css';
import hidden from '../ui/text.module.css';
import { type Found, sections } from './finding';
import kbd from './Kbd.module.css';
import { recentRooms } from './recent';
import styles from './Switcher.module.css';

interface SwitcherProps {
  /** The room on screen. */
  room: string | null;
  onClose: () => void;
  /** Called when it has gone to a room. */
  onGone: () => void;
  /** What gets the focus when it closes without a choice. */
  finalFocus: () => HTMLElement | null;
}

/**
 * A field and a list of where one may go: arrows choose, Enter goes there. Closed without a choice, the focus goes back to
 * where it was. The list is as it was when the switcher opened, so that nothing moves under the cursor.
 */
export function Switcher({ room, onClose, onGone, finalFocus }: SwitcherProps) {
  const field = useRef<HTMLInputElement>(null);
  const gone = useRef(false);
  const client = useClient();
  const [error, setError] = useState('');
  const done = () => {
    gone.current = true;
    onClose();
    onGone();
  };
  const go = ({ key }: Found, person: boolean) => {
    if (person) {
      openDirect(client, [key]).then(done, (cause: unknown) => setError(text.notOpened(textOf(cause))));
    } else {
      navigate(roomPath(key));
      done();
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.scrim} />
        <Dialog.Viewport className={dialog.viewport}>
          <Dialog.Popup
            className={classes(dialog.popup, dialog.medium, styles.popup)}
            aria-label={text.switcher}
            initialFocus={field}
            finalFocus={() =>
              (gone.current ? document.querySelector<HTMLElement>('[data-composer]') : finalFocus()) ?? true
            }
          >
            <Finder field={field} room={room} onGo={go} />
            {error && (
              <p className={styles.none} role="alert">
                {error}
              </p>
            )}
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface FinderProps {
  field: RefObject<HTMLInputElement | null>;
  room: string | null;
  /** person: it is somebody to write to. */
  onGo: (found: Found, person: boolean) => void;
}

function Finder({ field, room, onGo }: FinderProps) {
  const client = useClient();
  const [state] = useState(client.getState);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const recent = useMemo(() => {
    const names = new Map(Object.values(state.rooms).map(({ id, name }) => [id, name]));
    return recentRooms(state.me?.id ?? '').flatMap((id) => names.get(id) ?? []);
  }, [state]);
  const list = useMemo(() => sections(state, query, recent, room), [state, query, recent, room]);
  const flat = list.flatMap(({ heading, rooms }) => rooms.map((found) => ({ found, person: heading === 'people' })));
  const chosen = flat[at];
  const id = (key: string) => `switcher-${encodeURIComponent(key)}`;

  useEffect(() => {
    if (chosen) {
      document.getElementById(id(chosen.found.key))?.scrollIntoView?.({ block: 'nearest' });
    }
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, keyCode, isComposing } = event.nativeEvent;
    if (isComposing || keyCode === 229) {
      return;
    }
    const step = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && flat.length > 0) {
      event.preventDefault();
      setAt((at + step + flat.length) % flat.length);
    } else if (key === 'Enter' && chosen) {
      event.preventDefault();
      onGo(chosen.found, chosen.person);
    }
  };
  return (
    <>
      <div className={styles.field}>
        <Icon of={Search} />
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-label={text.switcher}
          aria-expanded={flat.length > 0}
          aria-controls="switcher-rooms"
          aria-autocomplete="list"
          aria-activedescendant={chosen && id(chosen.found.key)}
          placeholder={text.placeholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="go"
        />
      </div>
      <div className={styles.list} role="listbox" id="switcher-rooms" aria-label={text.rooms}>
        {list.map(({ heading, rooms }) => (
          // biome-ignore lint/a11y/useSemanticElements: a listbox has groups, and a fieldset is none of them
          <div key={heading} role="group" aria-labelledby={`switcher-${heading}`}>
            <p className={styles.heading} id={`switcher-${heading}`} role="presentation">
              {text.headings[heading]}
            </p>
            {rooms.map((found) => (
              <Option
                key={found.key}
                id={id(found.key)}
                found={found}
                person={heading === 'people'}
                chosen={found === chosen?.found}
                onPoint={() => setAt(flat.findIndex((each) => each.found === found))}
                onGo={() => onGo(found, heading === 'people')}
              />
            ))}
          </div>
        ))}
      </div>
      {flat.length === 0 && (
        <p className={styles.none}>
          {query.trim() === '' ? (
            text.alone
          ) : (
            <>
              <b>{text.none(query.trim())}</b> {text.noneHint}
            </>
          )}
        </p>
      )}
      <p className={hidden.hidden} role="status">
        {query.trim() === '' ? '' : text.found(flat.length)}
      </p>
      <Keys />
    </>
  );
}

interface OptionProps {
  id: string;
  found: Found;
  person: boolean;
  chosen: boolean;
  onPoint: () => void;
  onGo: () => void;
}

/** The focus stays in the field, which says which option is chosen; the mouse chooses by moving. */
function Option({ id, found, person, chosen, onPoint, onGo }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
    <div
      id={id}
      className={classes(styles.option, found.unread > 0 && styles.unread)}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      onPointerMove={onPoint}
      onPointerDown={(event) => event.preventDefault()}
      onClick={onGo}
    >
      {person ? <Avatar id={found.key} name={found.name} size={20} /> : <RoomIcon name={found.key} />}
      <span className={styles.name}>
        <b>{found.name}</b> {found.topic && <span>{found.topic}</span>}
      </span>
      {found.unread > 0 && (
        <span className={styles.count}>
          <span className={hidden.hidden}>{text.unread(found.unread)}</span>
          <span aria-hidden="true">{found.unread > 99 ? '99+' : found.unread}</span>
        </span>
      )}
    </div>
  );
}

function Keys() {
  return (
    <p className={styles.keys} aria-hidden="true">
      <span>
        <kbd className={kbd.key}>{text.keys.up}</kbd> <kbd className={kbd.key}>{text.keys.down}</kbd> {text.choose}
      </span>
      <span>
        <kbd className={kbd.key}>{text.keys.enter}</kbd> {text.go}
      </span>
      <span>
        <kbd className={kbd.key}>{text.keys.escape}</kbd> {text.shut}
      </span>
    </p>
  );
}
