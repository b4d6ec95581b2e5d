import folder from 'virtual:emoji-data';
import { defaultEmojiDataResolver, type Emoji, EmojiPicker as Frimousse, useSkinTone } from 'frimousse';
import { Search } from 'lucide-react';
import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { composer } from '../../text/composer';
import { Icon } from '../../ui';
import styles from './EmojiPicker.module.css';
import { kept, type Tone, tones } from './emoji';

const words = composer.picker;

interface EmojiPickerProps {
  /** What opened it: a press there closes it again, and it gets the focus back on Esc. */
  button: RefObject<HTMLElement | null>;
  onPick: (emoji: string) => void;
  onClose: () => void;
}

/** All emoji, by name or by looking, from this server. Arrows choose, Enter picks, Esc closes. */
export function EmojiPicker({ button, onPick, onClose }: EmojiPickerProps) {
  const popup = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState('');
  const [tone, setTone] = useState(kept.tone);
  const [recent] = useState(kept.recent);
  const [failed, setFailed] = useState(false);
  useClosing(popup, button, onClose);
  useEffect(() => field.current?.focus(), []);

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
      className={styles.popup}
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
        <div className={styles.field}>
          <Icon of={Search} size={16} />
          <Frimousse.Search
            ref={field}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            aria-label={words.search}
            placeholder={words.search}
          />
        </div>
        {search === '' && recent.length > 0 && (
          <section className={styles.recent} aria-label={words.recent}>
            <h3>{words.recent}</h3>
            <div>
              {recent.map((emoji) => (
                <button key={emoji} type="button" onClick={() => pick({ emoji })}>
                  {emoji}
                </button>
              ))}
            </div>
          </section>
        )}
        <Frimousse.Viewport className={styles.viewport} tabIndex={0}>
          <Frimousse.Loading className={styles.note}>{failed ? words.failed : words.loading}</Frimousse.Loading>
          <Frimousse.Empty className={styles.note}>{({ search }) => words.none(search)}</Frimousse.Empty>
          <Frimousse.List className={styles.list} aria-label={words.list} components={parts} />
        </Frimousse.Viewport>
        <div className={styles.foot}>
          <Frimousse.ActiveEmoji>
            {({ emoji }) => (
              <p className={styles.active} aria-hidden="true">
                {emoji && (
                  <>
                    <span>{emoji.emoji}</span> {emoji.label}
                  </>
                )}
              </p>
            )}
          </Frimousse.ActiveEmoji>
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
  Row: (props) => <div className={styles.row} {...props} />,
  Emoji: ({ emoji, ...rest }) => (
    <button className={styles.emoji} type="button" {...rest}>
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
