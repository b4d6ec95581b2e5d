import { AtSign, Smile } from 'lucide-react';
import { type RefObject, useRef, useState } from 'react';
import { composer as words } from '../../text/composer';
import { IconButton } from '../../ui';
import styles from './Composer.module.css';
import { writeAtCaret } from './caret';
import { useLater } from './useLater';

type Box = RefObject<HTMLTextAreaElement | null>;

/** Whether the picker is open, and the button that it belongs to. */
export function usePicking() {
  const [open, setOpen] = useState(false);
  return { open, setOpen, button: useRef<HTMLButtonElement>(null) };
}

type Picking = ReturnType<typeof usePicking>;

/** What one can do besides writing: name somebody, pick an emoji. */
export function Tools({ box, picking }: { box: Box; picking: Picking }) {
  return (
    <>
      <IconButton
        icon={AtSign}
        label={words.mention}
        onClick={() => box.current && writeAtCaret(box.current, signAt(box.current))}
      />
      <IconButton
        ref={picking.button}
        icon={Smile}
        label={words.emoji}
        aria-haspopup="dialog"
        aria-expanded={picking.open}
        onClick={() => picking.setOpen(!picking.open)}
      />
    </>
  );
}

const load = () => import('./EmojiPicker').then((m) => m.EmojiPicker);

/** The picker, while it is open. It stands outside of the form, which its Enter would send. */
export function Picker({ box, picking: { open, setOpen, button } }: { box: Box; picking: Picking }) {
  const EmojiPicker = useLater(load, open);
  if (!open || EmojiPicker === undefined) {
    return null;
  }
  if (EmojiPicker === null) {
    return (
      <p className={styles.problem} role="alert">
        {words.picker.failed}
      </p>
    );
  }
  const onPick = (emoji: string) => {
    setOpen(false);
    if (box.current) {
      writeAtCaret(box.current, emoji);
    }
  };
  return <EmojiPicker button={button} onPick={onPick} onClose={() => setOpen(false)} />;
}

/** An @ that begins a word. */
function signAt(box: HTMLTextAreaElement): string {
  return /\S$/u.test(box.value.slice(0, box.selectionStart)) ? ' @' : '@';
}
