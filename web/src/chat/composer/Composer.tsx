import type { State } from '@parley-chat/client';
import { ArrowUp } from 'lucide-react';
import {
  type FormEvent,
  lazy,
  type RefObject,
  Suspense,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useClient, useParley } from '../../app/client';
import { composer as words } from '../../text/composer';
import { classes, Icon } from '../../ui';
import { quote, quoting } from '../changes/doing';
import { QuotingIn } from '../changes/Extras';
import { rankOf, useTitle } from '../rooms';
import styles from './Composer.module.css';
import { maxContent, nearlyFull, sendable } from './composing';
import { useDraft } from './draft';
import { Field } from './Field';
import { useLength, useTooMuch } from './limits';
import { many, reachOf } from './reach';
import { useSlow } from './slow';
import { Picker, Tools, usePicking } from './Tools';
import { TypingLine } from './TypingLine';

const Reach = lazy(() => import('./Reach').then((m) => ({ default: m.Reach })));

interface ComposerProps {
  room: string;
  /** A thread of the room in which one replies. */
  thread?: { root: string; send: (text: string) => void };
  /** Called when the box may have grown, before anything is drawn. */
  onGrow?: () => void;
}

/** Where one writes. It is made anew for each room, by its key, but not when the room is renamed. What is typed is kept per room. */
export function Composer({ room, thread, onGrow }: ComposerProps) {
  const archived = useParley((state) => state.rooms[room]?.archived ?? false);
  const silent = useParley((state) => !thread && isSilent(state, room));
  const why = archived ? words.archived : silent ? words.readOnly : null;
  return (
    <div className={styles.foot}>
      {why ? <p className={styles.archived}>{why}</p> : <Box room={room} thread={thread} onGrow={onGrow} />}
      {!thread && <TypingLine room={room} />}
    </div>
  );
}

/** Whether one may only read a room, and answer in its threads. */
const isSilent = (state: State, name: string): boolean => {
  const room = state.rooms[name];
  return room?.readOnly === true && rankOf(state.me, room.role) === 0;
};

function Box({ room, thread, onGrow }: ComposerProps) {
  const client = useClient();
  const connected = useParley((state) => state.status === 'connected');
  const known = useParley((state) => state.rooms[room] !== undefined);
  const box = useRef<HTMLTextAreaElement>(null);
  const picking = usePicking();
  const noteId = useId();
  const [text, setText] = useDraft(thread ? `/${thread.root}` : room);
  const { length, over } = useLength(text);
  const tooMuch = useTooMuch(box, text);
  const problem = over ? words.tooLong(length, maxContent) : tooMuch;
  const slow = useSlow(room);
  const wait = thread ? null : slow;
  const left =
    wait !== null ? words.wait(wait) : !problem && length > nearlyFull ? words.left(maxContent - length) : null;
  const ready = known && !over && wait === null && sendable(text) !== '';
  const title = useTitle(room);
  const [asking, setAsking] = useState<{ sign: string; count: number } | null>(null);
  useGrowth(box, text, onGrow);
  useFirstFocus(box);
  useEffect(() => () => client.stopTyping(room), [client, room]);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) {
      return;
    }
    const reach = reachOf(text, client.getState(), room);
    if (reach !== null && reach.count >= many) {
      setAsking(reach);
    } else {
      sendNow();
    }
  };
  const sendNow = () => {
    setAsking(null);
    if (ready) {
      if (thread) {
        thread.send(sendable(text));
      } else {
        client.send(room, sendable(text), quoting.get()[room]);
        quote(room, null);
      }
      setText('');
      box.current?.focus();
    }
  };
  return (
    <div className={styles.around}>
      <form
        className={classes(styles.composer, over && styles.bad)}
        aria-label={(thread ? words.reply : words).form(title)}
        onSubmit={send}
      >
        {!thread && <QuotingIn room={room} />}
        <Field
          room={room}
          inThread={thread !== undefined}
          box={box}
          text={text}
          setText={setText}
          over={over}
          describedBy={problem || left ? noteId : undefined}
          onSend={send}
        />
        <div className={styles.bar}>
          <Tools box={box} picking={picking} />
          {left && (
            <p className={styles.left} id={noteId}>
              {left}
            </p>
          )}
          <button
            type="submit"
            className={styles.send}
            aria-label={words.send}
            title={connected ? words.send : words.sendLater}
            disabled={!ready}
          >
            <Icon of={ArrowUp} />
          </button>
        </div>
        {problem && (
          <p className={styles.problem} id={noteId} role="alert">
            {problem}
          </p>
        )}
      </form>
      <Picker box={box} picking={picking} />
      <Suspense fallback={null}>
        {asking && (
          <Reach
            {...asking}
            room={title}
            onSend={sendNow}
            onClose={() => setAsking(null)}
            finalFocus={() => box.current}
          />
        )}
      </Suspense>
    </div>
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
