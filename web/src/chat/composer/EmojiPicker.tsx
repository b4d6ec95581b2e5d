import folder from 'virtual:emoji-data';
import { defaultEmojiDataResolver, type Emoji, EmojiPicker as Frimousse, useActiveEmoji, useSkinTone } from 'frimousse';
import { Search } from 'lucide-react';
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { composer } from '../../text/composer';
import { classes, Icon } from '../../ui';
import { sends } from './composing';
import styles from './EmojiPicker.module.css';
import { kept, type Tone, tones } from './emoji';

const words = composer.picker;

interface EmojiPickerProps {
  /** What opened it: a press there closes it again, and it gets the focus back on Esc. */
  button: RefObject<HTMLElement | null>;
  onPick: (emoji: string) => void;
  onClose: () => void;
  /** It stands where it is put, not above the composer. */
  inside?: boolean;
}

/** All emoji, by name or by looking, from this server. Arrows choose, Enter picks, Esc closes. */
export function EmojiPicker({ button, onPick, onClose, inside = false }: EmojiPickerProps) {
  const popup = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState('');
  const [tone, setTone] = useState(kept.tone);
  const [failed, setFailed] = useState(false);
  useClosing(popup, button, onClose);

  const pick = ({ emoji }: Pick<Emoji, 'emoji'>) => {
    kept.use(emoji);
    onPick(emoji);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
      button.current?.focus();
    }
  };
  const onBlur = (event: FocusEvent) => {
    const to = event.relatedTarget;
    if (to && !popup.current?.contains(to) && !button.current?.contains(to)) {
      onClose();
    }
  };
  return (
    <div
      ref={popup}
      className={classes(styles.popup, inside && styles.inside)}
      role="dialog"
      aria-label={words.title}
      onKeyDown={onKeyDown}
      onBlur={onBlur}
    >
      <Frimousse.Root
        className={styles.root}
        columns={8}
        skinTone={tone}
        emojibaseUrl={new URL(folder, document.baseURI).href}
        resolveEmojiData={(locale, options) =>
          Promise.resolve(defaultEmojiDataResolver(locale, options)).catch((err: unknown) => {
            setFailed(options.signal?.aborted !== true);
            throw err;
          })
        }
        onEmojiSelect={pick}
      >
        <Field value={search} onChange={setSearch} />
        {search === '' && <Recent onPick={pick} />}
        <Frimousse.Viewport className={styles.viewport} tabIndex={0}>
          <Frimousse.Loading className={styles.note}>{failed ? words.failed : words.loading}</Frimousse.Loading>
          <Frimousse.Empty className={styles.note}>{({ search }) => words.none(search)}</Frimousse.Empty>
          <Frimousse.List className={styles.list} aria-label={words.list} components={parts} />
        </Frimousse.Viewport>
        <div className={styles.foot}>
          <Active />
          <Tones
            onTone={(next) => {
              kept.setTone(next);
              setTone(next);
            }}
          />
        </div>
      </Frimousse.Root>
    </div>
  );
}

/** What was picked last on this device, as it was when the picker opened. */
function Recent({ onPick }: { onPick: (emoji: Pick<Emoji, 'emoji'>) => void }) {
  const [recent] = useState(kept.recent);
  return recent.length === 0 ? null : (
    <section className={styles.recent} aria-label={words.recent}>
      <h3>{words.recent}</h3>
      <div>
        {recent.map((emoji) => (
          <button key={emoji} type="button" onClick={() => onPick({ emoji })}>
            {emoji}
          </button>
        ))}
      </div>
    </section>
  );
}

/** The emoji under the pointer, or that Enter would pick. The picker itself says its name to screen readers. */
function Active() {
  const emoji = useActiveEmoji();
  return (
    <p className={styles.active} aria-hidden="true">
      {emoji && (
        <>
          <span>{emoji.emoji}</span> {emoji.label}
        </>
      )}
    </p>
  );
}

/**
 * Runs once what was searched for is found and shown. The picker looks for it when the browser has nothing else to do, and asks for
 * that moment once it has taken in what was typed: that is the first moment waited for here, what is found is there at the second.
 * Returns what calls it off.
 */
function whenFound(run: () => void): () => void {
  let callOff = whenIdle(() => {
    callOff = whenIdle(run);
  });
  return () => callOff();
}

function whenIdle(run: () => void): () => void {
  const shown = () => requestAnimationFrame(run);
  if (typeof requestIdleCallback !== 'function') {
    const timer = setTimeout(shown, 50); // the picker waits for 10 ms then
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(shown, { timeout: 1000 }); // more than the picker's own, which comes first on a busy page, too
  return () => cancelIdleCallback(asked);
}

interface FieldProps {
  value: string;
  onChange: (search: string) => void;
}

/**
 * Where one searches. Enter waits for what is found and is then given to the picker, which knows first what is chosen; at once it would
 * take what was chosen before the last letter.
 */
function Field({ value, onChange }: FieldProps) {
  const field = useRef<HTMLInputElement>(null);
  const given = useRef(false);
  const callOff = useRef(() => {});
  useEffect(() => {
    field.current?.focus();
    return () => callOff.current();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (sends(event.nativeEvent) && !given.current) {
      event.preventDefault();
      callOff.current();
      callOff.current = whenFound(() => {
        given.current = true;
        field.current?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
        given.current = false;
      });
    }
  };
  return (
    <div className={styles.field}>
      <Icon of={Search} size={16} />
      <Frimousse.Search
        ref={field}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        aria-label={words.search}
        placeholder={words.search}
      />
    </div>
  );
}

/** Which skin hands and people have. */
function Tones({ onTone }: { onTone: (tone: Tone) => void }) {
  const [now, , variations] = useSkinTone('✋');
  return (
    <fieldset className={styles.tones}>
      <legend>{words.tone}</legend>
      {variations.map(({ skinTone, emoji }) => (
        <label key={skinTone} title={words.tones[skinTone]}>
          <input
            type="radio"
            name="skin-tone"
            aria-label={words.tones[skinTone]}
            checked={skinTone === now}
            onChange={() => onTone(tones.find((tone) => tone === skinTone) ?? 'none')}
          />
          <span aria-hidden="true">{emoji}</span>
        </label>
      ))}
    </fieldset>
  );
}

const parts: Parameters<typeof Frimousse.List>[0]['components'] = {
  CategoryHeader: ({ category, ...rest }) => (
    <div className={styles.category} {...rest}>
      {category.label}
    </div>
  ),
  // These count from 0, where ARIA counts from 1. The picker itself looks rows up by their number, but for the first.
  // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it comes with its role
  Row: ({ 'aria-rowindex': row, ...rest }) => <div className={styles.row} {...rest} aria-rowindex={row || undefined} />,
  Emoji: ({ emoji, 'aria-colindex': column, ...rest }) => (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it comes with its role
    <button className={styles.emoji} type="button" {...rest} aria-colindex={(column ?? 0) + 1}>
      {emoji.emoji}
    </button>
  ),
};

/** A press anywhere else closes it. */
function useClosing(popup: RefObject<HTMLElement | null>, button: RefObject<HTMLElement | null>, onClose: () => void) {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const onPress = ({ target }: PointerEvent) => {
      if (target instanceof Node && !popup.current?.contains(target) && !button.current?.contains(target)) {
        close.current();
      }
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, [popup, button]);
}
