import { ArrowUp, AtSign, Smile } from 'lucide-react';
import {
  type ChangeEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useClient, useParley } from '../../app/client';
import { composer as words } from '../../text/composer';
import { classes, Icon, IconButton } from '../../ui';
import styles from './Composer.module.css';
import { write, writeAtCaret } from './caret';
import { composes, contentLength, maxBox, maxContent, nearlyFull, sendable, sends } from './composing';
import { useDraft } from './draft';
import { TypingLine } from './TypingLine';
import { completion } from './token';
import { useLater } from './useLater';
import { useToken } from './useToken';

interface ComposerProps {
  room: string;
  /** Called when the box may have grown, before anything is drawn. */
  onGrow?: () => void;
}

/** Where one writes. It is made anew for each room: give it the room's name as its key. What is typed is kept per room. */
export function Composer({ room, onGrow }: ComposerProps) {
  const archived = useParley((state) => state.rooms[room]?.archived ?? false);
  return (
    <div className={styles.foot}>
      {archived ? <p className={styles.archived}>{words.archived}</p> : <Box room={room} onGrow={onGrow} />}
      <TypingLine room={room} />
    </div>
  );
}

const loadSuggestions = () => import('./Suggestions').then((m) => m.Suggestions);
const loadPicker = () => import('./EmojiPicker').then((m) => m.EmojiPicker);

function Box({ room, onGrow }: ComposerProps) {
  const client = useClient();
  const connected = useParley((state) => state.status === 'connected');
  const known = useParley((state) => state.rooms[room] !== undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  const smile = useRef<HTMLButtonElement>(null);
  const [text, setText] = useDraft(room);
  const { length, over } = useLength(text);
  const tooMuch = useTooMuch(box, text);
  const sendableNow = known && !over && sendable(text) !== '';
  const token = useToken(box, text);
  const Suggestions = useLater(loadSuggestions, token.focused);
  const [picking, setPicking] = useState(false);
  const Picker = useLater(loadPicker, picking);
  useGrowth(box, text, onGrow);
  useFirstFocus(box);
  useEffect(() => () => client.stopTyping(room), [client, room]);

  const send = () => {
    if (sendableNow) {
      client.send(room, sendable(text));
      setText('');
      box.current?.focus();
    }
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (composes(event.nativeEvent)) {
      return;
    }
    if (token.keys.current?.(event.nativeEvent)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (sends(event.nativeEvent)) {
      event.preventDefault();
      send();
    }
  };
  const onChange = (event: ChangeEvent<HTMLTextAreaElement>) => {
    const { value } = event.target;
    setText(value);
    token.look();
    if (sendable(value) === '') {
      client.stopTyping(room);
    } else {
      client.typing(room);
    }
  };
  const accept = (value: string) => {
    if (box.current && token.token) {
      const edit = completion(text, token.token, value);
      write(box.current, edit);
      token.complete(edit.insert);
    }
  };
  const problem = over ? words.tooLong(length, maxContent) : tooMuch;

  return (
    <div className={styles.around}>
      <form
        className={classes(styles.composer, over && styles.bad)}
        aria-label={words.form(room)}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          ref={box}
          data-composer
          dir="auto"
          rows={1}
          value={text}
          aria-label={words.box(room)}
          aria-invalid={over || undefined}
          aria-describedby={problem || length > nearlyFull ? 'composer-problem' : undefined}
          placeholder={words.placeholder(room)}
          onChange={onChange}
          onKeyDown={onKeyDown}
          onSelect={token.look}
          onFocus={token.look}
          onBlur={token.blur}
          enterKeyHint="send"
          {...token.aria}
        />
        {token.token && Suggestions && (
          <Suggestions
            token={token.token}
            room={room}
            box={box}
            keys={token.keys}
            onAccept={accept}
            onDismiss={token.dismiss}
            onActive={token.setActive}
          />
        )}
        <div className={styles.bar}>
          <IconButton
            icon={AtSign}
            label={words.mention}
            onClick={() => box.current && writeAtCaret(box.current, signAt(box.current))}
          />
          <IconButton
            ref={smile}
            icon={Smile}
            label={words.emoji}
            aria-haspopup="dialog"
            aria-expanded={picking}
            onClick={() => setPicking(!picking)}
          />
          {!problem && length > nearlyFull && (
            <p className={styles.left} id="composer-problem">
              {words.left(maxContent - length)}
            </p>
          )}
          <button
            type="submit"
            className={styles.send}
            aria-label={words.send}
            title={connected ? words.send : words.sendLater}
            disabled={!sendableNow}
          >
            <Icon of={ArrowUp} />
          </button>
        </div>
        {problem && (
          <p className={styles.problem} id="composer-problem" role="alert">
            {problem}
          </p>
        )}
      </form>
      {picking && Picker === null && (
        <p className={styles.problem} role="alert">
          {words.picker.failed}
        </p>
      )}
      {picking && Picker && (
        <Picker
          button={smile}
          onPick={(emoji) => {
            setPicking(false);
            if (box.current) {
              writeAtCaret(box.current, emoji);
            }
          }}
          onClose={() => setPicking(false)}
        />
      )}
    </div>
  );
}

/** An @ that begins a word. */
function signAt(box: HTMLTextAreaElement): string {
  return /\S$/u.test(box.value.slice(0, box.selectionStart)) ? ' @' : '@';
}

/** How long a text is, once that begins to matter, and whether it is longer than may be sent. */
function useLength(text: string): { length: number; over: boolean } {
  const length = text.length > nearlyFull ? contentLength(text) : text.length;
  return { length, over: length > maxContent };
}

/** Refuses what would make the box stand still, and returns what to say of it until the text changes. Nothing is lost by that: it is where it came from. */
function useTooMuch(box: RefObject<HTMLTextAreaElement | null>, text: string): string | null {
  const [refused, setRefused] = useState<{ of: string; length: number } | null>(null);
  const now = useRef(text);
  now.current = text;
  useEffect(() => {
    const element = box.current;
    const onInput = (event: InputEvent) => {
      const added = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
      if (added.length + now.current.length > maxBox && added.length > 1) {
        event.preventDefault();
        setRefused({ of: now.current, length: added.length + now.current.length });
      }
    };
    element?.addEventListener('beforeinput', onInput);
    return () => element?.removeEventListener('beforeinput', onInput);
  }, [box]);
  return refused && refused.of === text ? words.tooMuch(refused.length, maxBox) : null;
}

/** The cursor stands in the box at once, but where a keyboard would slide in over half of the screen. */
function useFirstFocus(box: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    if (!window.matchMedia('(pointer: coarse)').matches) {
      box.current?.focus({ preventScroll: true });
    }
  }, [box]);
}

/**
 * Lets the box grow with its text where the browser does not do that by itself (`field-sizing`), and tells of it before
 * anything is drawn.
 */
function useGrowth(box: RefObject<HTMLTextAreaElement | null>, text: string, onGrow?: () => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is why it runs
  useLayoutEffect(() => {
    const element = box.current;
    if (element && !(typeof CSS !== 'undefined' && CSS.supports?.('field-sizing', 'content'))) {
      element.style.blockSize = 'auto';
      element.style.blockSize = `${element.scrollHeight}px`;
    }
    onGrow?.();
  }, [box, text, onGrow]);
}
