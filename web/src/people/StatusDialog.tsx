import type { PersonStatus } from '@parley-chat/client/people';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useParley } from '../app/client';
import { textOf } from '../app/session';
import { FormError } from '../entry/FormParts';
import { Choice } from '../settings/List';
import { common } from '../text/common';
import { people } from '../text/people';
import { Button, Dialog, Field } from '../ui';
import { acts, useStatus } from './live';
import styles from './People.module.css';
import { endOf, type Lasts } from './until';

const texts = people.status;
const most = 100;
const lasting = Object.entries(texts.lasts) as [Lasts, string][];

interface StatusDialogProps {
  onClose: () => void;
  /** What gets the focus when it closes. */
  finalFocus: () => HTMLElement | null;
}

/** Says what one is doing, for a while. */
export function StatusDialog({ onClose, finalFocus }: StatusDialogProps) {
  const id = useId();
  const me = useParley((state) => state.me?.id ?? '');
  const now = useStatus(me);
  const [emoji, setEmoji] = useState(now?.emoji ?? '');
  const [text, setText] = useState(now?.text ?? '');
  const [lasts, setLasts] = useState<Lasts>('never');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const running = useRef(false);

  const say = async (status: PersonStatus | null) => {
    if (running.current) {
      return;
    }
    running.current = true;
    setBusy(true);
    setError('');
    try {
      await acts()?.setStatus(status);
      onClose();
    } catch (refused) {
      setError(people.failed(textOf(refused)));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const said = { emoji: emoji.trim(), text: text.trim() };
    if (said.emoji === '' && said.text === '') {
      void say(null);
    } else {
      void say({ emoji: said.emoji || texts.fallback, text: said.text, until: endOf(lasts, Date.now()) });
    }
  };

  return (
    <Dialog
      open
      onClose={onClose}
      finalFocus={finalFocus}
      title={texts.title}
      description={texts.intro}
      actions={
        <>
          {now && (
            <Button busy={busy} onClick={() => void say(null)}>
              {texts.clear}
            </Button>
          )}
          <Button variant="main" type="submit" form={id} busy={busy}>
            {common.save}
          </Button>
        </>
      }
    >
      <form id={id} className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.line}>
          <Field
            label={texts.emoji}
            value={emoji}
            placeholder={texts.fallback}
            maxLength={16}
            onChange={(event) => setEmoji(event.target.value)}
            autoComplete="off"
          />
          <Field
            label={texts.text}
            value={text}
            placeholder={texts.placeholder}
            maxLength={most}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
          />
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend would stand over the buttons */}
        <div className={styles.presets} role="group" aria-label={texts.ready}>
          {texts.presets.map((preset) => (
            <Button
              key={preset.text}
              size="s"
              onClick={() => {
                setEmoji(preset.emoji);
                setText(preset.text);
                setLasts(preset.lasts);
              }}
            >
              {`${preset.emoji} ${preset.text}`}
            </Button>
          ))}
        </div>
        <Choice
          shown
          label={texts.for}
          value={lasts}
          options={lasting.map(([value, name]) => ({ value, name }))}
          onChange={setLasts}
        />
        <FormError text={error} />
      </form>
    </Dialog>
  );
}
