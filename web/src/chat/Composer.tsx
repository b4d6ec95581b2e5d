import { ArrowUp } from 'lucide-react';
import {
  type ChangeEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useClient, useParley } from '../app/client';
import { tab } from '../app/storage';
import { classes, Icon } from '../ui';
import styles from './Composer.module.css';
import { contentLength, maxContent, sendable, sends } from './composing';
import { TypingLine } from './TypingLine';

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
      {archived ? (
        <p className={styles.archived}>This room is archived: it can be read, and nothing can be added.</p>
      ) : (
        <Box room={room} onGrow={onGrow} />
      )}
      <TypingLine room={room} />
    </div>
  );
}

function Box({ room, onGrow }: ComposerProps) {
  const client = useClient();
  const me = useParley((state) => state.me?.id ?? '');
  const connected = useParley((state) => state.status === 'connected');
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useDraft(me, room);
  const length = text.length > maxContent ? contentLength(text) : text.length;
  const tooLong = length > maxContent;
  const blank = sendable(text) === '';
  useGrowth(box, text, onGrow);

  useFirstFocus(box);
  useEffect(() => () => client.stopTyping(room), [client, room]);

  const send = () => {
    if (blank || tooLong) {
      return;
    }
    client.send(room, sendable(text));
    setText('');
    box.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key, shiftKey, ctrlKey, altKey, metaKey, keyCode, isComposing } = event.nativeEvent;
    if (sends({ key, shiftKey, ctrlKey, altKey, metaKey, keyCode, isComposing })) {
      event.preventDefault();
      send();
    }
  };
  const onChange = (event: ChangeEvent<HTMLTextAreaElement>) => {
    setText(event.target.value);
    if (sendable(event.target.value) === '') {
      client.stopTyping(room);
    } else {
      client.typing(room);
    }
  };

  return (
    <form
      className={classes(styles.composer, tooLong && styles.bad)}
      aria-label={`Write in ${room}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        data-composer
        rows={1}
        value={text}
        aria-label={`Message ${room}`}
        aria-invalid={tooLong || undefined}
        aria-describedby={tooLong ? 'composer-problem' : undefined}
        placeholder={`Message #${room}`}
        onChange={onChange}
        onKeyDown={onKeyDown}
        enterKeyHint="send"
      />
      <button
        type="submit"
        className={styles.send}
        aria-label="Send"
        title={connected ? 'Send' : 'You are disconnected. What you write is kept.'}
        disabled={!connected || blank || tooLong}
      >
        <Icon of={ArrowUp} />
      </button>
      {tooLong && (
        <p className={styles.problem} id="composer-problem" role="alert">
          {length.toLocaleString()} of {maxContent.toLocaleString()} characters: shorten it, or send it in parts.
        </p>
      )}
    </form>
  );
}

/** The cursor stands in the box at once, but where a keyboard would slide in over half of the screen. */
function useFirstFocus(box: RefObject<HTMLTextAreaElement | null>) {
  useEffect(() => {
    if (!window.matchMedia('(pointer: coarse)').matches) {
      box.current?.focus({ preventScroll: true });
    }
  }, [box]);
}

/** What is typed in a room, kept while the tab lives and, by the client, beyond; each person has their own on a shared computer. */
function useDraft(me: string, room: string): [string, (text: string) => void] {
  const key = `draft.${me}.${room}`;
  const [text, setText] = useState(() => tab.get(key) ?? '');
  const kept = useRef(key);
  useEffect(() => {
    // The person becomes known: their draft stands in for what nobody has typed yet.
    if (kept.current !== key) {
      kept.current = key;
      setText((now) => now || (tab.get(key) ?? ''));
    }
  }, [key]);
  const client = useClient();
  const shared = useParley((state) => state.drafts[room]);
  const heard = useRef<string | undefined>(undefined);
  useEffect(() => {
    // What is written in another tab, or was before a restart of the browser, stands here as well.
    if (heard.current !== shared) {
      heard.current = shared;
      tab.set(key, shared ?? '');
      setText(shared ?? '');
    }
  }, [shared, key]);
  return [
    text,
    (next) => {
      tab.set(key, next);
      setText(next);
      client.setDraft(room, next);
    },
  ];
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
