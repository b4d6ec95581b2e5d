import { Hash, Users } from 'lucide-react';
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { composer as words } from '../../text/composer';
import { Avatar, classes, Icon } from '../../ui';
import { placeOf } from './caret';
import { choice } from './composing';
import { found } from './rank';
import styles from './Suggestions.module.css';
import { type Suggestion, useSuggestions } from './suggesting';
import type { Token } from './token';
import { listId, type OnKey } from './useToken';

interface SuggestionsProps {
  token: Token;
  room: string;
  box: RefObject<HTMLTextAreaElement | null>;
  /** Filled with what is to be asked about each key while this is there. */
  keys: RefObject<OnKey | null>;
  onAccept: (value: string) => void;
  onDismiss: () => void;
  /** Called with the id of the chosen one while the list is open, and with null when it is not. */
  onActive: (id: string | null) => void;
}

const idOf = (at: number) => `${listId}-${at}`;

/** What a token may mean, above the box. The focus stays in the box: keys come from there. */
export function Suggestions({ token, room, box, keys, onAccept, onDismiss, onActive }: SuggestionsProps) {
  const list = useSuggestions(token, room);
  const popup = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState({ query: token.query, at: 0 });
  const at = chosen.query === token.query ? Math.min(chosen.at, list.length - 1) : 0;
  const choose = (next: number) => setChosen({ query: token.query, at: next });
  const open = list.length > 0;
  usePlace(popup, box, token.start, open);

  useImperativeHandle(keys, () => (event) => {
    if (!open) {
      return false;
    }
    // The second colon of a name that is written out.
    const whole = event.key === ':' ? list.find((each) => each.whole) : undefined;
    const does = whole ? 'accept' : choice(event);
    switch (does) {
      case 'next':
        choose((at + 1) % list.length);
        break;
      case 'previous':
        choose((at + list.length - 1) % list.length);
        break;
      case 'accept':
        onAccept((whole ?? list[at])?.value ?? '');
        break;
      case 'close':
        onDismiss();
    }
    return does !== null;
  });
  const active = open ? idOf(at) : null;
  useLayoutEffect(() => onActive(active), [active, onActive]);
  useEffect(() => () => onActive(null), [onActive]);
  useEffect(() => {
    if (active) {
      document.getElementById(active)?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [active]);

  if (!open) {
    return null;
  }
  const title = words.suggestions[token.sign];
  return (
    // The pointer does not take the focus away from the box.
    // biome-ignore lint/a11y/noStaticElementInteractions: the list inside is what is used
    <div ref={popup} className={styles.popup} onMouseDown={(event) => event.preventDefault()}>
      <div className={styles.title} aria-hidden="true">
        {title}
      </div>
      <div className={styles.list} role="listbox" id={listId} aria-label={title}>
        {list.map((each, n) => (
          <Option
            key={each.value}
            id={idOf(n)}
            of={each}
            query={token.query}
            chosen={n === at}
            onChoose={() => choose(n)}
            onAccept={() => onAccept(each.value)}
          />
        ))}
      </div>
      <div className={styles.hints} aria-hidden="true">
        <span>
          <kbd>{words.hints.up}</kbd> <kbd>{words.hints.down}</kbd> {words.hints.choose}
        </span>
        <span>
          <kbd>{words.hints.tab}</kbd> {words.hints.accept}
        </span>
        <span>
          <kbd>{words.hints.escape}</kbd> {words.hints.close}
        </span>
      </div>
    </div>
  );
}

interface OptionProps {
  id: string;
  of: Suggestion;
  query: string;
  chosen: boolean;
  onChoose: () => void;
  onAccept: () => void;
}

function Option({ id, of, query, chosen, onChoose, onAccept }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys come from the box
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      className={classes(styles.option, chosen && styles.chosen)}
      onPointerMove={() => chosen || onChoose()}
      onClick={onAccept}
    >
      <Face of={of} />
      <span className={styles.names}>
        <b dir="auto">
          <Marked text={of.name} query={query} />
        </b>
        {of.more && (
          <span dir="auto">
            <Marked text={of.more} query={query} />
          </span>
        )}
      </span>
      {of.note && <span className={styles.note}>{of.note}</span>}
    </div>
  );
}

function Face({ of }: { of: Suggestion }): ReactNode {
  switch (of.face.kind) {
    case 'person':
      return <Avatar id={of.face.id} name={of.name} size={24} online={of.face.online} bot={of.face.bot} />;
    case 'room':
      return <Icon of={Hash} className={styles.hash} />;
    case 'everybody':
      return <Icon of={Users} className={styles.hash} />;
    case 'emoji':
      return (
        <span className={styles.emoji} aria-hidden="true">
          {of.value}
        </span>
      );
  }
}

/** A name in which what was typed stands out. */
function Marked({ text, query }: { text: string; query: string }): ReactNode {
  const at = found(query, text);
  return at ? (
    <>
      {text.slice(0, at.from)}
      <mark>{text.slice(at.from, at.to)}</mark>
      {text.slice(at.to)}
    </>
  ) : (
    text
  );
}

/** Room that is left to the edges of the screen and above the line, in px. */
const margin = 8;
/** Less than this is no list: it then covers what is above. */
const least = 120;

/** Puts the popup above the box, so that nothing written is covered, at the token's sign, and keeps it inside of the screen. */
function usePlace(
  popup: RefObject<HTMLElement | null>,
  box: RefObject<HTMLTextAreaElement | null>,
  start: number,
  open: boolean,
): void {
  useLayoutEffect(() => {
    const element = popup.current;
    const around = element?.offsetParent;
    if (!open || !element || !box.current || !around) {
      return;
    }
    const left = box.current.offsetLeft + placeOf(box.current, start) - margin;
    const above = around.getBoundingClientRect().top - 2 * margin - (window.visualViewport?.offsetTop ?? 0);
    element.style.left = `${Math.max(0, Math.min(left, around.clientWidth - element.offsetWidth))}px`;
    element.style.maxBlockSize = `${Math.max(above, least)}px`;
  }, [popup, box, start, open]);
}
